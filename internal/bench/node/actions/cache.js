'use strict';

const crypto = require('node:crypto');

const maxAnswers = 1024;
const maxBytes = 8 * 1024 * 1024;

// Cache keeps answers for some seconds, under hashes with a key of this process. Equal questions that
// are asked at once share a call.
class Cache {
    constructor(seconds) {
        this.ttl = seconds * 1000;
        this.processKey = crypto.randomBytes(32);
        this.answers = new Map(); // what was asked for longest ago comes first
        this.flights = new Map();
        this.bytes = 0;
    }

    key(...parts) {
        return crypto.createHmac('sha256', this.processKey).update(JSON.stringify(parts)).digest('latin1');
    }

    async get(key, call, keeps) {
        const kept = this.answers.get(key);
        if (kept) {
            this.answers.delete(key);
            this.answers.set(key, kept);
            return kept.answer;
        }
        let flight = this.flights.get(key);
        if (!flight) {
            flight = this.renew(key, call, keeps).finally(() => this.flights.delete(key));
            this.flights.set(key, flight);
        }
        return flight;
    }

    async renew(key, call, keeps) {
        const answer = await call();
        this.remove(key);
        const size = JSON.stringify(answer).length;
        if (!keeps(answer) || size > maxBytes) {
            return answer;
        }
        const timer = setTimeout(() => this.remove(key), this.ttl);
        timer.unref();
        this.answers.set(key, { answer, size, timer });
        this.bytes += size;
        while (this.answers.size > maxAnswers || this.bytes > maxBytes) {
            this.remove(this.answers.keys().next().value);
        }
        return answer;
    }

    remove(key) {
        const kept = this.answers.get(key);
        if (kept) {
            clearTimeout(kept.timer);
            this.answers.delete(key);
            this.bytes -= kept.size;
        }
    }
}

module.exports = Cache;
