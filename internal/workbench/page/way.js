// The picture of a message's way through the step.
import { element } from './element.js';

const STATIONS = ['queue', 'decrypt', 'validate', 'AWS', 'validate', 'encrypt', 'queue'];
const PER_HOP = 230; // ms; a hop really takes less than one

export class Way {
  constructor(list) {
    this.list = list;
    this.hops = [];
    this.reset();
  }

  reset() {
    this.hops = [];
    this.at = 0;
    this.aws = undefined; // status of the last call
    this.letter = element('li', { class: 'letter' });
    this.list.replaceChildren(...STATIONS.map((name) => element('li', {}, name)), this.letter);
  }

  // see takes an event of a run.
  see({ hop, status, emit }) {
    if (hop === 'queued') this.go(0);
    if (hop === 'handled') this.go(2);
    if (hop === 'aws') {
      this.aws = status ?? 0;
      if (this.aws < 300 && this.aws !== 0) this.go(3);
    }
    if (hop === 'answered') this.go(3);
    if (emit) this.arrive(emit);
  }

  arrive({ kind, error }) {
    if (kind === 'error' || kind === 'rebound') {
      const place = error?.name === 'InvalidInput' && this.goal < 2 ? 2 : error?.name === 'InvalidOutput' ? 4 : this.goal < 2 ? 1 : 3;
      this.go(place, true);
    }
    this.go(6);
  }

  get goal() {
    return this.hops.at(-1)?.station ?? this.at;
  }

  go(station, failed = false) {
    if (station < this.goal) return;
    this.hops.push({ station, failed });
    if (!this.moving) this.move();
  }

  move() {
    const hop = this.hops[0];
    if (!hop) {
      this.moving = false;
      return;
    }
    this.moving = true;
    if (this.at < hop.station) this.at += 1;
    const station = this.list.children[this.at];
    this.letter.style.left = `${(this.at + 0.5) * (100 / STATIONS.length)}%`;
    if (this.at === hop.station) {
      this.hops.shift();
      station.classList.add(hop.failed ? 'failed' : 'done');
    } else {
      station.classList.add('done');
    }
    setTimeout(() => this.move(), matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : PER_HOP);
  }
}
