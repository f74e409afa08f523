'use strict';

exports.process = require('./act.js').process;

// The step's configuration tells each hook how to end, and the platform's
// fake is told that it ran.
async function hook(name, cfg, data) {
    await fetch(`${process.env.ELASTICIO_API_URI}/ran/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ data })
    });
    const { fail, result } = cfg[name] || {};
    if (fail) {
        throw Object.assign(new Error(fail.message), { name: fail.name });
    }
    return result;
}

exports.init = cfg => hook('init', cfg);
exports.startup = cfg => hook('startup', cfg);
exports.shutdown = (cfg, data) => hook('shutdown', cfg, data);
