'use strict';

const http = require('node:http');
const https = require('node:https');
const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
const { NodeHttpHandler } = require('@smithy/node-http-handler');
const Cache = require('./cache');

// Well above the prefetch, so that no message waits for a socket or opens one of its own.
const sockets = { keepAlive: true, maxSockets: 256, maxFreeSockets: 256 };

const limits = {
    SecretId: { required: true, min: 1, max: 2048 },
    VersionId: { min: 32, max: 64 },
    VersionStage: { min: 1, max: 256 }
};

// A step has one configuration, so the process has one client, and one cache at most.
let client;
let cache;

function newClient(cfg) {
    return new SecretsManagerClient({
        region: cfg.region,
        endpoint: cfg.endpoint,
        credentials: { accessKeyId: cfg.accessKeyId, secretAccessKey: cfg.accessKeySecret },
        maxAttempts: 3,
        requestHandler: new NodeHttpHandler({
            httpAgent: new http.Agent(sockets),
            httpsAgent: new https.Agent(sockets)
        })
    });
}

function check(input) {
    const violations = [];
    for (const name of Object.keys(input)) {
        if (!(name in limits)) {
            violations.push(`${name} is unknown`);
        }
    }
    for (const name of Object.keys(limits)) {
        const { required, min, max } = limits[name];
        const value = input[name];
        if (value === undefined) {
            if (required) {
                violations.push(`${name} is missing`);
            }
        } else if (typeof value !== 'string') {
            violations.push(`${name} must be text`);
        } else if (value.length < min || value.length > max) {
            violations.push(`${name} must have ${min} to ${max} characters`);
        }
    }
    if (violations.length > 0) {
        throw new Error(`InvalidInput: ${violations.join('; ')}`);
    }
}

async function call(input) {
    const { $metadata, ...body } = await client.send(new GetSecretValueCommand(input));
    return body;
}

// A version that is on its way may be gone at any moment.
function isPending(stages = []) {
    return stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT');
}

exports.init = async function init(cfg) {
    client = newClient(cfg);
    cache = cfg.cacheSeconds > 0 ? new Cache(cfg.cacheSeconds) : undefined;
};

exports.process = async function process(msg, cfg) {
    const { Refresh, ...input } = msg.body || {};
    check(input);
    if (!cache) {
        return { body: await call(input), headers: {} };
    }
    const { SecretId, VersionId, VersionStage } = input;
    const key = cache.key(cfg.accessKeyId, cfg.accessKeySecret, cfg.region, cfg.endpoint, SecretId, VersionId, VersionStage);
    const keeps = (answer) => VersionStage !== 'AWSPENDING' && !isPending(answer.VersionStages);
    const body = await (Refresh === true ? cache.renew(key, () => call(input), keeps) : cache.get(key, () => call(input), keeps));
    return { body, headers: {} };
};
