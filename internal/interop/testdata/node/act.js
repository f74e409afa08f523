'use strict';

// The message's body, or else the step's configuration, lists what to do:
// {"do": [{"<deed>": <how>}, ...]}. Without a list, what was received is emitted.
// component_test.go has the same deeds in Go.
const deeds = {
    data(how) {
        return this.emit('data', how);
    },
    echo(how, received) {
        return this.emit('data', { headers: {}, body: received });
    },
    error({ name, message }) {
        return this.emit('error', Object.assign(new Error(message), { name }));
    },
    fail({ name, message }) {
        throw Object.assign(new Error(message), { name });
    },
    panic(how) {
        throw new TypeError(how);
    },
    rebound(how) {
        return this.emit('rebound', new Error(how));
    },
    snapshot(how) {
        return this.emit('snapshot', how);
    },
    updateSnapshot(how) {
        return this.emit('updateSnapshot', how);
    },
    httpReply(how) {
        return this.emit('httpReply', how);
    },
    replyWithEcho(how, received) {
        return this.emit('httpReply', { statusCode: 200, headers: {}, body: received });
    },
    updateKeys(how) {
        return this.emit('updateKeys', how);
    },
    // Waits for the answer, so that a test decides how long this takes.
    ask(path) {
        return fetch(process.env.ELASTICIO_API_URI + path);
    }
};

exports.process = async function act(message, cfg, snapshot) {
    const received = { message, snapshot };
    const list = (message.body || {}).do || cfg.do || [{ echo: true }];
    for (const deed of list) {
        const [[name, how]] = Object.entries(deed);
        await deeds[name].call(this, how, received);
    }
};
