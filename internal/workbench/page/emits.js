// What a function emits, as a person reads it.
import { element, MASKED } from './element.js';
import { ask } from './server.js';

export function emitView(event) {
  const { kind, id, headers, body, error } = event.emit ?? event.sent;
  const title = { in: 'Sent', data: 'Emitted', error: 'Error', rebound: 'Rebound: it comes back later', snapshot: 'Snapshot', reply: 'Reply to the waiting caller' }[kind] ?? kind;
  const view = element('article', { class: `emit ${kind}`, 'aria-label': title },
    element('h3', {}, title, ' ', element('small', {}, kind === 'in' ? '' : `after ${event.at.toFixed(1)} ms`)));
  if (error) view.append(element('p', { class: 'problem' }, element('strong', {}, error.name), ' ', error.message));
  if (body !== undefined) view.append(tree(body, (path) => ask('reveal', { id, path })));
  view.append(element('details', {}, element('summary', {}, 'Headers'), tree(headers)));
  return view;
}

// tree shows JSON; reveal fetches what is masked.
function tree(value, reveal, path = []) {
  if (value === null || typeof value !== 'object') return leaf(value, reveal, path);
  const entries = Object.entries(value);
  if (!entries.length) return element('span', {}, Array.isArray(value) ? '[]' : '{}');
  return element('ul', { class: 'tree' }, ...entries.map(([name, member]) =>
    element('li', {}, Array.isArray(value) ? `${Number(name) + 1}. ` : `${name}: `, tree(member, reveal, [...path, name]))));
}

function leaf(value, reveal, path) {
  if (value !== MASKED || !reveal) return element('span', {}, typeof value === 'string' ? value : JSON.stringify(value));
  const hidden = () => {
    const button = element('button', { type: 'button', class: 'small', click: async () => {
      try {
        const text = await reveal(path);
        const back = element('button', { type: 'button', class: 'small', click: () => { const again = hidden(); shown.replaceWith(again); again.lastChild.focus(); } }, 'Hide');
        const shown = element('span', {}, typeof text === 'string' ? text : JSON.stringify(text), ' ', back);
        box.replaceWith(shown);
        back.focus();
      } catch (error) {
        button.replaceWith(error.message);
      }
    } }, 'Show', element('span', { class: 'unseen' }, ` ${path.join(' ')}`));
    const box = element('span', {}, MASKED, ' ', button);
    return box;
  };
  return hidden();
}
