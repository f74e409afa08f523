// Makes lightweight.json: message bodies as the platform's own Node.js runtime
// uploads them to the object storage, with its encryptor and its client.
//
//   npm install elasticio-sailor-nodejs@2.7.8
//   ELASTICIO_FLOW_ID=flow ELASTICIO_STEP_ID=step LOG_LEVEL=fatal node lightweight.js > lightweight.json
const http = require('http');
const { Readable } = require('stream');
const { ObjectStorage } = require('@elastic.io/maester-client');
const Encryptor = require('elasticio-sailor-nodejs/lib/encryptor.js');

const password = 'planted-secret-value'; // made up
const iv = '0123456789abcdef';
const token = 'made-up-token';
const bodies = [
    {}, null, 'a text', [1, 2.5, true], { Name: 'żółć 漢字 🔐 \u2028 <&>' }, { Name: 'abcdefghij'.repeat(100) }, '0123456789abc' /* with its quotes one byte short of a block */,
];

async function main() {
    let seen;
    const objects = {};
    const server = http.createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const { authorization, 'content-type': contentType, 'x-request-id': requestID } = request.headers;
        seen = {
            method: request.method,
            uri: request.url,
            headers: { Authorization: authorization, 'Content-Type': contentType, 'X-Request-Id': requestID },
            content: Buffer.concat(chunks).toString('hex'),
        };
        if (request.method === 'POST') {
            objects.id = Buffer.concat(chunks);
            response.setHeader('content-type', 'application/json');
            response.end(JSON.stringify({ objectId: 'id' }));
        } else {
            response.end(objects.id);
        }
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    const encryptor = new Encryptor(password, iv);
    const storage = new ObjectStorage({ uri: `http://127.0.0.1:${server.address().port}`, jwtSecret: token })
        .use(() => encryptor.createCipher(), () => encryptor.createDecipher());

    const vectors = [];
    for (const body of bodies) {
        const text = Buffer.from(JSON.stringify(body), 'utf-8');
        await storage.add(() => Readable.from(text), { jwtPayloadOrToken: token });
        const upload = seen;
        const { data } = await storage.getOne('id', { jwtPayloadOrToken: token });
        if (JSON.stringify(data) !== JSON.stringify(body)) throw new Error('it does not come back');
        vectors.push({ body: text.toString(), upload, download: { ...seen, content: undefined } });
    }
    process.stdout.write(JSON.stringify({ token, vectors }, null, 2) + '\n');
    process.exit();
}
main();
