// The fields of credentials and of functions, by their view classes.
import { byOrder, element, help, newId, secretInput } from './element.js';

// fieldsView draws fields and keeps values up to date. choices(name, field)
// loads the choices of a field whose model is a method.
export function fieldsView(fields, values, { changed, choices }) {
  const reload = {}; // by field, loads its choices anew
  const entries = Object.entries(fields).sort(byOrder);
  const change = (name, value) => {
    if (value === '' || value === false) delete values[name];
    else values[name] = value;
    for (const [other, field] of entries) {
      if (field.require?.includes(name)) reload[other]?.();
    }
    changed(name);
  };
  for (const [name, field] of entries) {
    if (field.default !== undefined && values[name] === undefined) values[name] = field.default;
  }
  return entries.map(([name, field]) => {
    const id = newId();
    const about = help(id + '-help', field.help?.description ?? field.note, field.help?.link);
    const common = { id, 'aria-describedby': id + '-help', 'aria-required': field.required ? 'true' : undefined, name };
    const label = element('label', { for: id }, field.label, ' ', field.required ? element('small', {}, '(required)') : '');
    const text = (tag) => {
      const input = element(tag, { ...common, placeholder: field.placeholder, change: () => change(name, input.value) });
      input.value = values[name] ?? '';
      return input;
    };
    switch (field.viewClass) {
      case 'PasswordFieldView':
        return element('div', { class: 'field' }, label, secretInput(common, values[name] ?? '', (value) => change(name, value)), about);
      case 'CheckBoxView': {
        const box = element('input', { ...common, type: 'checkbox', change: () => change(name, box.checked) });
        box.checked = values[name] === true || values[name] === 'true';
        label.prepend(box);
        return element('div', { class: 'field' }, label, about);
      }
      case 'SelectView': {
        const select = element('select', { ...common, change: () => change(name, select.value) });
        const problem = element('p', { class: 'wrong', role: 'status' });
        const fill = (model) => {
          select.replaceChildren(element('option', { value: '' }, field.prompt ?? 'Choose'),
            ...Object.entries(model).map(([value, title]) => element('option', { value }, title)));
          select.value = values[name] ?? '';
          if (select.selectedIndex < 0) select.value = '';
        };
        if (typeof field.model === 'object') {
          fill(field.model);
        } else {
          fill({});
          reload[name] = async () => {
            problem.textContent = '';
            try {
              fill(await choices(name, field));
            } catch (error) {
              fill({});
              problem.textContent = error.message;
            }
          };
          reload[name]();
        }
        return element('div', { class: 'field' }, label, select, problem, about);
      }
      case 'TextAreaView':
        return element('div', { class: 'field' }, label, text('textarea'), about);
      default:
        return element('div', { class: 'field' }, label, text('input'), about);
    }
  });
}
