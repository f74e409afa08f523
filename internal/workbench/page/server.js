// What the page asks of the workbench. The token stands behind the # of the
// address, which browsers send to nobody.
const token = location.hash.slice(1);

async function request(path, body) {
  const response = await fetch('api/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token },
    body: JSON.stringify(body),
  });
  if (response.status === 422) throw new Error((await response.json()).error);
  if (!response.ok) throw new Error(await response.text());
  return response;
}

export const hasToken = token !== '';

export async function ask(path, body = {}) {
  return (await request(path, body)).json();
}

// A service method's result is {status, data}.
export async function callMethod(path, body) {
  const { status, data } = await ask(path, body);
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
