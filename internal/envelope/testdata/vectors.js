// Makes vectors.json: messages as the platform's own Node.js runtime encrypts
// and encodes them, and base64 texts as Node.js decodes them.
//
//   npm install elasticio-sailor-nodejs@2.7.8 && LOG_LEVEL=fatal node vectors.js > vectors.json
const Encryptor = require('elasticio-sailor-nodejs/lib/encryptor.js');

const password = 'made-up pässword, for tests only';
const iv = 'iv-of-16-bytes.!';
const encryptor = new Encryptor(password, iv);

const messages = {
    'empty object': {},
    'body and headers': { id: 'b7f4', headers: { 'x-a': '1' }, body: { Name: 'demo/db', n: 1.5, ok: true, none: null } },
    'unicode': { headers: {}, body: { text: 'żółć 漢字 🔐 \u2028 <&>', 'ключ': 'é' } },
    'one block of JSON': { body: '12345' },
    'passthrough': { headers: {}, body: [1, 2], passthrough: { step_1: { headers: {}, body: { a: 'b' } } }, attachments: {} },
    'long': { headers: {}, body: { text: 'abcdefghij'.repeat(50) } },
};
const texts = [
    '', ' ', '=', '====', 'Y', 'YW', 'YWI', 'YWI=', 'YWI==', 'YR==', 'YQ==YQ==', 'YW=JjZGVm', 'YWJjZ', '_-__', '+/+/_-_-',
    'YWJj\nZGVm', 'YWJj\r\nZGVm\r\n', ' YWJj ZGVm ', '\tYWJj', 'YWJj!ZGVm', 'YWJj\u00e9ZGVm', 'Y W J j', '-', 'YWJj\u0000ZGVm',
];

process.stdout.write(JSON.stringify({
    password,
    iv,
    messages: Object.entries(messages).map(([name, message]) => ({
        name,
        plain: JSON.stringify(message),
        protocol1: encryptor.encryptMessageContent(message, 'base64').toString(),
        protocol2: encryptor.encryptMessageContent(message).toString('hex'),
    })),
    base64: texts.map(text => ({ text, bytes: Buffer.from(text, 'base64').toString('hex') })),
}, null, 2) + '\n');
