// How soon the page is usable. It is when a person can press Run: the button has
// been painted where a mouse finds it without scrolling, and pressing it at that
// moment shows what the function emits.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const clock = () => performance.timeOrigin + performance.now();

// start runs the command; it returns once the address is printed.
export async function start(component, ...flags) {
  const process = spawn(component, ['workbench', '--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  process.stderr.on('data', (text) => (printed += text));
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: process.stdout }).on('line', (line) => {
      const found = /http:\S+/.exec(line);
      if (found) resolve(found[0]);
      else printed += line;
    });
    process.on('exit', () => reject(new Error('the workbench ended: ' + printed)));
  });
  return { address, printed: () => printed, end: () => (process.kill(), once(process, 'exit')) };
}

// pressRun runs in the page, before its scripts.
function pressRun() {
  const observer = new MutationObserver(() => {
    const button = document.getElementById('run');
    if (!button) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      globalThis.pressed = performance.timeOrigin + performance.now();
      const { left, top, width, height } = button.getBoundingClientRect();
      document.elementFromPoint(left + width / 2, top + height / 2)?.click();
    }));
  });
  observer.observe(document, { childList: true, subtree: true });
}

// open goes to an address in a tab that is there already. It returns the ms from
// the call to the address, and from there to the press, which makes the page show
// a text.
async function open(context, begin, text) {
  const tab = await context.newPage();
  await tab.addInitScript(pressRun);
  const called = clock();
  const address = await begin();
  const known = clock();
  await tab.goto(address);
  await tab.getByText(text).waitFor();
  const pressed = await tab.evaluate(() => globalThis.pressed);
  await tab.close();
  return { listens: known - called, opens: pressed - known, all: pressed - called };
}

// measure tells the medians for a running browser, beside those of a page of one
// button: this is what the browser itself needs.
export async function measure(context, component, rounds = 7) {
  const bench = [], button = [];
  for (let i = 0; i <= rounds; i++) {
    let running;
    bench.push(await open(context, async () => (running = await start(component)).address, /^data; message acknowledged/));
    await running.end();
    const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Button</title><button id="run">Run</button>'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    button.push(await open(context, () => `http://127.0.0.1:${server.address().port}/`, 'Run'));
    server.close();
  }
  const sorted = (list, part) => list.slice(1).map((one) => one[part]).sort((a, b) => a - b); // the first one warms up
  const median = (list, part) => sorted(list, part)[rounds >> 1].toFixed(0);
  const all = sorted(bench, 'all');
  return `${median(bench, 'all')} ms after the command (median of ${rounds}, ${all[0].toFixed(0)}–${all.at(-1).toFixed(0)}): ` +
    `it listens after ${median(bench, 'listens')} ms, the browser takes ${median(bench, 'opens')} ms more, and ${median(button, 'opens')} ms for a page of one button`;
}
