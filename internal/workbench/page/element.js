// MASKED stands for a secret's value.
export const MASKED = '***';

let numbers = 0;

export const newId = () => 'e' + ++numbers;

// element makes one of the page's elements: attributes that are functions are
// listeners, those that are undefined or false are left out.
export function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  // Or else browsers keep what stands in a field on disk, to restore the page.
  if ('autocomplete' in e) e.autocomplete = 'off';
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') e.addEventListener(key, value);
    else if (value !== undefined && value !== false) e.setAttribute(key, value === true ? '' : value);
  }
  e.append(...children.filter((child) => child !== undefined));
  return e;
}

export const byOrder = (a, b) => (b[1].order ?? 0) - (a[1].order ?? 0);

// secretInput hides what is entered until a person asks for it.
export function secretInput(attributes, value, changed) {
  const box = element('div', { class: 'row' });
  const show = (hidden) => {
    const input = element(hidden ? 'input' : 'textarea', { ...attributes, type: hidden && 'password', spellcheck: 'false' });
    input.value = value;
    input.addEventListener('input', () => changed((value = input.value)));
    box.replaceChildren(input, element('button', {
      type: 'button', class: 'small', 'aria-pressed': String(!hidden), click: () => { show(!hidden); box.lastChild.focus(); },
    }, hidden ? 'Show' : 'Hide', element('span', { class: 'unseen' }, ' what is entered')));
  };
  show(true);
  return box;
}

export function help(id, text, link) {
  const p = element('p', { id, class: 'help' }, text ?? '');
  if (link) p.append(' ', element('a', { href: link, target: '_blank', rel: 'noreferrer' }, 'More'));
  return p;
}

// refuse shows why the page cannot be used, instead of all else.
export function refuse(text) {
  const notice = document.getElementById('notice');
  notice.textContent = text;
  notice.hidden = false;
  document.getElementById('bench').hidden = true;
}
