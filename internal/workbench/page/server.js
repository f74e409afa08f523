import { refuse } from './element.js';

// What the page asks of the workbench. The token stands behind the # of the
// address, which browsers send to nobody.
const token = location.hash.slice(1);

// about is what the page begins with; it came with the page.
export const about = JSON.parse(document.getElementById('data').textContent);

// Until the first paint the browser has enough to do.
const painted = new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

async function request(path, body) {
  await painted;
  const response = await fetch('api/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The workbench does not answer: start it again and open the address that it prints.');
  });
  if (response.status === 422) throw new Error((await response.json()).error);
  if (response.ok) return response;
  const problem = await response.text();
  if (response.status === 401) refuse(problem);
  throw new Error(problem);
}

export const hasToken = token !== '';

export async function ask(path, body = {}) {
  return (await request(path, body)).json();
}

// A service method's result is {status, data}.
export async function callMethod(path, body) {
  return methodResult(await ask(path, body));
}

export function methodResult({ status, data }) {
  if (status !== 'success') throw new Error(data.message);
  return data;
}

// follow hands each event of a run to tell, as it comes.
export async function follow(path, body, tell) {
  const reader = (await request(path, body)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = lines.pop();
    for (const line of lines) tell(JSON.parse(line));
    if (done) return;
  }
}
