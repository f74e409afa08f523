// A form for a message's body, drawn from its schema.
import { byOrder, element, help, MASKED, newId, secretInput } from './element.js';

// formView draws the members of a schema for body; set(path, value) stores what
// is entered, undefined takes it away.
export function formView(schema, body, set) {
  return object(schema, body ?? {}, [], set);
}

// pathOf is a member's path in the words of violations.
const pathOf = (path) => path.reduce((all, step) => all + (typeof step === 'number' ? `[${step}]` : '.' + step), 'body');

function object(schema, value, path, set) {
  return Object.entries(schema.properties ?? {}).sort(byOrder).map(([name, member]) => {
    const required = member.required === true;
    return view(name, member, value?.[name], [...path, name], required, set);
  });
}

function view(name, schema, value, path, required, set) {
  const id = newId();
  const title = [schema.title ?? name, ' ', element('small', {}, required ? `${name}, required` : name)];
  const about = help(id + '-help', schema.description);
  const wrong = element('p', { id: id + '-wrong', class: 'wrong', 'data-path': pathOf(path) });
  const common = { id, 'aria-describedby': `${id}-help ${id}-wrong`, 'aria-required': required ? 'true' : undefined };
  const field = (...inputs) => element('div', { class: 'field' }, element('label', { for: id }, ...title), ...inputs, about, wrong);
  const group = (...inputs) => element('fieldset', { 'aria-describedby': `${id}-help ${id}-wrong` }, element('legend', {}, ...title), about, wrong, ...inputs);

  if (schema.type === 'object' && schema.properties) return group(...object(schema, value, path, set));
  if (schema.type === 'array') return group(list(schema.items ?? {}, value, path, set));
  if (schema.format === 'password' && schema.type === 'string') {
    return field(secretInput(common, value ?? '', (text) => set(path, text === '' ? undefined : text)));
  }
  if (schema.type === 'boolean' || schema.enum) {
    const options = schema.type === 'boolean' ? { true: 'Yes', false: 'No' } : Object.fromEntries(schema.enum.map((one) => [one, one]));
    const select = element('select', { ...common, change: () => set(path, select.value === '' ? undefined : schema.type === 'boolean' ? select.value === 'true' : select.value) },
      element('option', { value: '' }, 'Not given'), ...Object.entries(options).map(([one, text]) => element('option', { value: one }, text)));
    select.value = value ?? '';
    return field(select);
  }
  if (schema.type === 'string' && !schema['x-jsonText']) {
    const input = element('input', { ...common, input: () => set(path, input.value === '' ? undefined : input.value) });
    input.value = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    return field(input);
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    const input = element('input', { ...common, inputmode: 'numeric', input: () => set(path, number(input.value)) });
    input.value = value ?? '';
    return field(input);
  }
  // Text that is JSON, and members of any kind.
  const shown = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const anyValue = (text) => set(path, text === '' ? undefined : schema['x-jsonText'] ? text : parsed(text));
  if (schema.format === 'password') return field(secretInput(common, shown, anyValue));
  const area = element('textarea', { ...common, spellcheck: 'false', input: () => anyValue(area.value) });
  area.value = shown;
  return field(area);
}

// list draws entries that can be added and taken away.
function list(items, value, path, set) {
  const entries = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const box = element('div');
  const draw = () => {
    const rows = entries.map((entry, i) => {
      const remove = element('button', { type: 'button', class: 'small', click: () => { entries.splice(i, 1); store(); draw(); box.lastChild.focus(); } }, `Remove entry ${i + 1}`);
      const titled = items.title ? items : { ...items, title: 'Entry' };
      const inside = items.properties
        ? element('fieldset', {}, element('legend', {}, `Entry ${i + 1}`), ...object(items, entry, [...path, i], member(i)))
        : view(String(i + 1), titled, entry, [...path, i], false, (_, given) => { entries[i] = given; store(); });
      return element('div', {}, inside, remove);
    });
    box.replaceChildren(...rows, element('button', {
      type: 'button', class: 'small', click: () => { entries.push(items.properties ? {} : ''); store(); draw(); box.querySelectorAll('input, select, textarea')[0]?.focus(); },
    }, 'Add an entry'));
  };
  const store = () => set(path, entries.length ? entries : undefined);
  const member = (i) => (memberPath, given) => {
    put(entries, memberPath.slice(path.length), given);
    entries[i] ??= {};
    store();
  };
  draw();
  return box;
}

// put stores a value in a document, undefined takes the member away.
export function put(document, path, value) {
  let place = document;
  for (const [i, step] of path.slice(0, -1).entries()) {
    place = place[step] ??= typeof path[i + 1] === 'number' ? [] : {};
  }
  const last = path.at(-1);
  if (value === undefined) delete place[last];
  else place[last] = value;
}

const number = (text) => (text === '' ? undefined : Number.isNaN(Number(text)) ? text : Number(text));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// masked hides the secrets of a body; unmasked brings back those that stayed
// hidden.
export function masked(schema, value) {
  return walk(schema, value, () => MASKED);
}

export function unmasked(schema, value, before) {
  return walk(schema, value, (given, old) => (given === MASKED && old !== undefined ? old : given), before);
}

function walk(schema, value, secret, before) {
  if (value === undefined || value === null || !schema) return value;
  if (schema.format === 'password') return secret(value, before);
  if (Array.isArray(value)) return value.map((entry, i) => walk(schema.items, entry, secret, before?.[i]));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(schema.properties?.[name], member, secret, before?.[name])]));
}

// told is a violation as a sentence.
export const told = ({ rule, given, hint }) => rule + (given ? `, not ${given}` : '') + (hint ? ` – ${hint}` : '');

// showViolations puts each violation at its member and returns the others.
export function showViolations(form, violations) {
  const places = [...form.querySelectorAll('.wrong[data-path]')];
  for (const place of places) {
    place.textContent = '';
    place.parentElement.querySelector('input, select, textarea')?.removeAttribute('aria-invalid');
  }
  return violations.filter((violation) => {
    const { path } = violation;
    const place = places.filter((one) => path === one.dataset.path || path.startsWith(one.dataset.path + '.') || path.startsWith(one.dataset.path + '['))
      .sort((a, b) => b.dataset.path.length - a.dataset.path.length)[0];
    if (!place) return true;
    place.textContent += (place.textContent && '; ') + told(violation);
    place.parentElement.querySelector('input, select, textarea')?.setAttribute('aria-invalid', 'true');
    return false;
  });
}
