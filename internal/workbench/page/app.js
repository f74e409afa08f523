import { byOrder, element, help, newId, refuse } from './element.js';
import { about, ask, callMethod, follow, hasToken, methodResult } from './server.js';
import { fieldsView } from './fields.js';
import { formView, masked, put, showViolations, told, unmasked } from './form.js';
import { emitView } from './emits.js';
import { Way } from './way.js';

const $ = (id) => document.getElementById(id);
const way = new Way($('way'));

// What was entered stays in these, and nowhere else.
const credentials = {};
const steps = {}; // by function: {fields, body, touched}

const { component } = about;
const functions = Object.fromEntries([...Object.entries(component.triggers ?? {}).sort(byOrder), ...Object.entries(component.actions ?? {}).sort(byOrder)]);
let current; // the name of the function that is shown

const step = (name) => (steps[name] ??= { fields: {}, body: undefined });
const config = (name) => ({ ...credentials, ...step(name).fields });

function start() {
  $('about').textContent = `${component.title} ${about.version} · AWS: ${about.aws} · broker: ${about.broker}`;
  for (const [name, field] of Object.entries(component.credentials.fields)) {
    if (about.emulated && name === 'region') credentials.region = 'eu-central-1';
    if (about.emulated && name.startsWith('accessKey')) field.placeholder = 'the emulator has its own';
  }
  $('search').addEventListener('input', drawFunctions);
  $('open-story').addEventListener('click', drawStory);
  $('open-story').hidden = !about.emulated;
  $('emulator').hidden = !about.emulated;
  $('inject').addEventListener('click', () => changeAWS({ fault: $('fault').value, times: 3 }, 'The next three calls go wrong. Run a function to see what becomes of it.'));
  $('reset').addEventListener('click', () => changeAWS({ reset: true }, 'AWS has its first secrets again.'));
  $('bench').hidden = false;
  open(about.first, about.metadata);
}

async function changeAWS(change, text) {
  try {
    await ask('aws', change);
    $('emulator-status').textContent = text;
  } catch (error) {
    $('emulator-status').textContent = error.message;
  }
}

function drawFunctions() {
  const wanted = $('search').value.toLowerCase();
  const list = (title, kind) => {
    const found = Object.entries(component[kind] ?? {}).sort(byOrder).filter(([name, { title }]) => `${name} ${title}`.toLowerCase().includes(wanted));
    return found.length ? [element('h2', {}, title), element('ul', {}, ...found.map(([name, f]) =>
      element('li', {}, element('button', { type: 'button', title: f.description, 'aria-current': name === current && 'true', click: () => choose(name) }, f.title))))] : [];
  };
  $('functions').replaceChildren(...list('Actions', 'actions'), ...list('Triggers', 'triggers'));
}

// open shows a function's step; metadata is its, if it is known already.
function open(name, metadata) {
  current = name;
  drawFunctions();
  const f = functions[name];
  const input = element('div', { id: 'input' });
  const fields = fieldsView(f.fields ?? {}, step(name).fields, {
    choices: (field, { model }) => callMethod('model', { function: name, model, config: config(name) }),
    changed: () => f.dynamicMetadata ? loadInput(name, input) : check(name),
  });
  $('step').replaceChildren(
    element('h2', {}, f.title, ' ', element('small', {}, name)),
    help(newId(), f.help?.description ?? f.description, f.help?.link),
    credentialsView(name, input),
    ...(fields.length ? [element('h3', {}, 'Fields'), ...fields] : []),
    input,
  );
  if (metadata) drawSchema(name, input, methodResult(metadata));
  else loadInput(name, input);
}

// choose opens a function where its step begins.
function choose(name) {
  open(name);
  if ($('step').getBoundingClientRect().top < 0) $('step').scrollIntoView();
}

// credentialsView draws the credentials when they are first opened.
function credentialsView(name, input) {
  const box = element('div');
  const draw = () => {
    const verified = element('p', { role: 'status' });
    const fields = fieldsView(component.credentials.fields, credentials, { changed: () => { verified.textContent = ''; if (functions[name].dynamicMetadata) loadInput(name, input); } });
    const verify = element('button', { type: 'button', click: async () => {
      verified.className = '';
      verified.textContent = 'Asking AWS …';
      try {
        const result = await callMethod('verify', { config: credentials });
        verified.className = result.verified ? 'good' : 'problem';
        verified.textContent = result.verified ? 'Verified' : `Not verified: ${result.reason}`;
      } catch (error) {
        verified.className = 'problem';
        verified.textContent = error.message;
      }
    } }, 'Verify');
    box.replaceChildren(help(newId(), component.credentials.help?.description), ...fields, verify, verified);
  };
  return element('details', { open: !about.emulated, toggle: () => box.firstChild || draw() }, element('summary', {}, 'Credentials'), box);
}

// loadInput draws the input by the schema that the configuration leads to.
async function loadInput(name, box) {
  let schemas;
  try {
    schemas = await callMethod('metadata', { function: name, config: config(name) });
  } catch (error) {
    box.replaceChildren(element('p', { class: 'problem' }, error.message));
    return;
  }
  if (name === current) drawSchema(name, box, schemas);
}

function drawSchema(name, box, schemas) {
  const s = step(name);
  s.schema = schemas.in ?? {};
  if (!s.touched) s.body = structuredClone(s.schema.example ?? {});
  drawInput(name, box, s.view ?? 'form');
}

function drawInput(name, box, kind) {
  const s = step(name);
  s.view = kind;
  const tab = (value, text) => element('button', { type: 'button', 'aria-pressed': String(kind === value), click: () => { drawInput(name, box, value); box.querySelector(`[aria-pressed=true]`).focus(); } }, text);
  const reply = element('input', { type: 'checkbox', id: newId(), change: () => (s.replyTo = reply.checked) });
  reply.checked = s.replyTo ?? false;
  const others = element('p', { class: 'problem', role: 'status', hidden: true });
  box.replaceChildren(
    element('h3', {}, 'Input'),
    element('div', { class: 'row' }, tab('form', 'Form'), tab('json', 'JSON'),
      element('button', { type: 'button', click: () => { s.touched = false; s.body = structuredClone(s.schema.example ?? {}); drawInput(name, box, kind); } }, 'Fill in the example'),
      element('button', { type: 'button', click: () => { s.touched = true; s.body = {}; drawInput(name, box, kind); } }, 'Empty')),
    kind === 'json' ? jsonView(name) : element('div', { id: 'form' }, ...formView(s.schema, s.body, (path, value) => {
      s.touched = true;
      put(s.body, path, value);
      check(name);
    })),
    others,
    element('label', { for: reply.id }, reply, 'A caller waits for an answer by HTTP'),
    element('div', { class: 'row always' }, element('button', { type: 'button', class: 'main', id: 'run', click: () => run(name) }, 'Run'),
      element('button', { type: 'button', click: () => copy(asFixture(name)) }, 'Copy as fixture'),
      element('button', { type: 'button', click: () => copy(asCommand(name)) }, 'Copy as CLI')),
  );
  s.others = others;
  check(name);
}

// jsonView is the body as JSON. Secrets are hidden there; what stays hidden keeps
// its value.
function jsonView(name) {
  const s = step(name);
  const id = newId();
  const area = element('textarea', { id, class: 'tall', spellcheck: 'false', 'aria-describedby': id + '-wrong', input: () => {
    try {
      s.body = shown ? JSON.parse(area.value) : unmasked(s.schema, JSON.parse(area.value), s.body);
      s.touched = true;
      wrong.textContent = '';
      check(name);
    } catch {
      wrong.textContent = 'This is not JSON yet; what was before it is kept.';
    }
  } });
  const wrong = element('p', { id: id + '-wrong', class: 'wrong' });
  let shown = false;
  const draw = () => (area.value = JSON.stringify(shown ? s.body : masked(s.schema, s.body), null, 2));
  const toggle = element('button', { type: 'button', class: 'small', 'aria-pressed': 'false', click: () => {
    shown = !shown;
    toggle.setAttribute('aria-pressed', String(shown));
    draw();
  } }, 'Show secrets');
  draw();
  return element('div', { class: 'field' }, element('label', { for: id }, 'Body as JSON'), area, wrong, toggle);
}

let checks = 0;

// check puts what the step would refuse at its members.
async function check(name) {
  const s = step(name);
  const mine = ++checks;
  let violations;
  try {
    violations = await ask('check', { function: name, config: config(name), body: s.body });
  } catch (error) {
    violations = [{ path: 'body', rule: error.message }];
  }
  if (mine !== checks || name !== current) return;
  const form = $('form');
  const rest = form ? showViolations(form, violations) : violations;
  s.others.hidden = rest.length === 0;
  s.others.textContent = rest.map((violation) => `${violation.path} ${told(violation)}`).join('; ');
}

// run sends the message and shows what becomes of it.
async function run(name) {
  const s = step(name);
  await send('run', { function: name, config: config(name), body: s.body, replyTo: s.replyTo ?? false });
}

const buttons = () => document.querySelectorAll('#run, .play');

async function send(path, message) {
  way.reset();
  $('emits').replaceChildren();
  $('status').className = '';
  $('status').textContent = 'On its way …';
  for (const button of buttons()) button.disabled = true;
  // On a narrow screen it is below the step.
  if ($('result').getBoundingClientRect().top > innerHeight / 2) $('result').scrollIntoView();
  const past = { events: [], calls: [], message, kinds: [], at: new Date() };
  try {
    await follow(path, message, (event) => {
      way.see(event);
      show(event, past);
    });
  } catch (error) {
    show({ failed: error.message }, past);
  }
  for (const button of buttons()) button.disabled = false;
  finish(past);
  return !past.failed;
}

function show(event, past) {
  past.events.push(event);
  if (event.sent) past.function = event.sent.function;
  if (event.hop === 'aws') past.calls.push(`${event.text} ${event.status ?? 'without an answer'}, ${event.took.toFixed(1)} ms`);
  if (event.hop === 'settled') Object.assign(past, { outcome: event.text, took: event.at });
  if (event.emit) past.kinds.push(event.emit.kind === 'error' ? `error ${event.emit.error.name}` : event.emit.kind);
  if (event.failed) past.failed = event.failed;
  if (event.emit || event.sent) $('emits').append(emitView(event));
}

function finish(past) {
  past.function ??= past.message.function ?? 'story';
  describe(past);
  const again = element('button', { type: 'button', class: 'small', click: () => {
    $('emits').replaceChildren(...past.events.filter((event) => event.emit || event.sent).map(emitView));
    describe(past);
  } }, `${functions[past.function]?.title ?? past.function}: ${past.failed ? 'failed' : past.kinds.join(', ') || 'nothing'}`);
  const time = element('small', {}, ` ${past.at.toLocaleTimeString()} `);
  const entry = element('li', {}, again, time);
  if (past.message.body !== undefined) {
    entry.append(element('button', { type: 'button', class: 'small', click: () => {
      Object.assign(step(past.function), { body: structuredClone(past.message.body), touched: true });
      choose(past.function);
    } }, 'Take its input'));
  }
  $('history').prepend(entry);
}

function describe({ failed, kinds, took, outcome, calls }) {
  const status = $('status');
  status.className = failed ? 'problem' : '';
  status.textContent = failed ?? `${kinds.join(', ') || 'nothing emitted'}; message ${outcome} after ${took.toFixed(1)} ms; ` +
    (calls.length === 0 ? 'AWS was not called' : `${calls.length === 1 ? 'one call' : `${calls.length} calls`} of AWS (${calls.join('; ')})`);
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  $('status').className = '';
  $('status').textContent = 'Copied, with the values that were entered but without the credentials.';
}

function asFixture(name) {
  const s = step(name);
  return JSON.stringify({ fixtures: { workbench: { msg: { body: s.body }, cfg: s.fields } } }, null, 2);
}

function asCommand(name) {
  const s = step(name);
  const quoted = (value) => `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`;
  const fields = Object.keys(s.fields).length ? ` --cfg ${quoted(s.fields)}` : '';
  return `component process --function ${name} --body ${quoted(s.body)}${fields}`;
}

// drawStory shows the chapters of the demo, to be played one after the other.
async function drawStory() {
  current = undefined;
  drawFunctions();
  const chapters = await ask('story');
  let next = 0;
  const items = chapters.map(({ title, function: name }) => element('li', {}, title, ' ', element('small', {}, functions[name]?.title ?? name)));
  const note = element('p', { role: 'status' });
  const draw = () => {
    for (const [i, item] of items.entries()) {
      item.className = i === next ? 'now' : i < next ? 'good' : '';
    }
    play.textContent = next === 0 ? 'Play the first message' : next < chapters.length ? 'Play the next message' : 'Once more';
  };
  const play = element('button', { type: 'button', class: 'main play', click: async () => {
    if (next === chapters.length) next = 0;
    if (await send('play', { number: next })) next += 1;
    note.textContent = next === chapters.length ? 'The story is over: every output was as told.' : '';
    draw();
  } });
  const over = element('button', { type: 'button', class: 'play', click: () => { next = 0; draw(); } }, 'Start over');
  $('step').replaceChildren(element('h2', {}, 'A short story'),
    element('p', { class: 'help' }, 'Messages of a small flow, one after the other. The first one takes the emulator back to its first secrets.'),
    element('ol', { class: 'chapters' }, ...items), element('div', { class: 'row' }, play, over), note);
  draw();
}

if (hasToken) start();
else refuse('The token is missing: open the whole address that the command printed, with what stands behind the #.');
