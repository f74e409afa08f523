// Drives the workbench in Chromium as a person would. Each step prints a line;
// the first one that fails ends it.
//
// node drive.mjs COMPONENT CHROMIUM [DIRECTORY for screenshots]
import { createServer } from 'node:http';
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { measure, start } from './usable.mjs';

const [component, executablePath, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const planted = 'planted-secret-value';

const bench = await start(component, '--verbose');
const { address } = bench;
const [origin] = address.split('/#');

const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
const page = await context.newPage();
const problems = [];
const asked = new Set();
page.on('pageerror', (error) => problems.push(error.message));
page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
page.on('request', (request) => asked.add(new URL(request.url()).origin));

async function step(title, does) {
  try {
    const result = await does();
    console.log('ok    ' + title + (result ? `: ${result}` : ''));
  } catch (error) {
    console.log('FAIL  ' + title);
    const picture = join(tmpdir(), 'workbench-failed.png');
    await page.screenshot({ path: picture, fullPage: true }).then(() => console.log('      how it looked: ' + picture), () => {});
    throw error;
  }
}

const choose = (title) => page.locator('#functions').getByRole('button', { name: title, exact: true }).click();
const field = (member) => page.locator(`.field:has(> label small:text-matches("^${member}(, required)?$"))`);
const fill = (member, text) => field(member).locator('input, textarea').fill(text);
const status = page.locator('#status');

async function run(expected) {
  await page.locator('#run').click();
  await page.waitForFunction(() => /message|The|broker/.test(document.getElementById('status').textContent));
  const text = await status.textContent();
  assert.match(text, expected);
  return text;
}

async function accessible(what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), [], what);
}

try {
  await step('Run can be pressed as soon as it shows', () => measure(context, component));
  await step('the page opens', async () => {
    await page.goto(address);
    await page.locator('#run').waitFor();
  });
  await step('credentials: verify', async () => {
    await page.locator('summary', { hasText: 'Credentials' }).click();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Verified', { exact: true }).waitFor();
    await page.getByLabel('Access key ID').fill('AKIANOBODY');
    await page.getByLabel('Secret access key').fill('wrong');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/Not verified: /).waitFor();
    await page.getByLabel('Access key ID').fill('');
    await page.getByLabel('Secret access key').fill('');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Verified', { exact: true }).waitFor();
    await page.locator('summary', { hasText: 'Credentials' }).click();
  });
  await step('create a secret', async () => {
    await choose('Create secret');
    await page.getByRole('button', { name: 'Empty' }).click();
    await fill('Name', 'till/database');
    await field('SecretString').locator('input').fill(JSON.stringify({ user: 'till', password: planted }));
    return run(/^data; message acknowledged .*one call of AWS \(CreateSecret 200/);
  });
  await step('choose it, and read it: the member is gone, the value hidden until asked for', async () => {
    await choose('Get secret value');
    await field('SecretId').waitFor();
    await page.getByLabel('Names begin with').fill('till/');
    await page.getByLabel('Names begin with').blur();
    await page.locator('select[name=secret] option[value="till/database"]').waitFor({ state: 'attached' });
    await page.locator('select[name=secret]').selectOption('till/database');
    await field('SecretId').waitFor({ state: 'detached' });
    await run(/^data; /);
    assert.equal((await page.content()).includes(planted), false, 'the value shows');
    await page.getByRole('button', { name: 'Show SecretString' }).click();
    await page.getByText(planted).waitFor();
    await page.getByRole('button', { name: 'Hide', exact: true }).click();
    await page.getByText(planted).waitFor({ state: 'detached' });
  });
  if (screenshots) {
    await step('a picture', async () => {
      await page.waitForFunction(() => document.querySelector('#way .letter').style.left.startsWith('92.8'));
      await page.locator('#way .letter').evaluate((letter) => Promise.all(letter.getAnimations().map((one) => one.finished)));
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: `${screenshots}/workbench.png` });
    });
  }
  await step('a violation stands at its member, and as an error of the step', async () => {
    await choose('Create secret');
    await page.getByRole('button', { name: 'Empty' }).click();
    await field('Name').locator('.wrong', { hasText: /\S/ }).waitFor();
    await fill('Name', 'x'.repeat(513));
    await field('Name').locator('.wrong', { hasText: '512' }).waitFor();
    return run(/error InvalidInput; message rejected .*AWS was not called/);
  });
  await step('form and JSON, both ways, secrets hidden in both', async () => {
    await page.getByRole('button', { name: 'Empty' }).click();
    await fill('Name', 'till/mail');
    await field('SecretString').locator('input').fill(planted);
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    const area = page.getByLabel('Body as JSON');
    assert.deepEqual(JSON.parse(await area.inputValue()), { Name: 'till/mail', SecretString: '***' });
    assert.equal(await page.locator(':is(input, textarea):not([autocomplete=off])').count(), 0, 'what stands in others is kept on disk, to restore the page');
    await area.fill(JSON.stringify({ Name: 'till/post', SecretString: '***', Tags: [{ Key: 'team', Value: 'till' }] }));
    await page.getByRole('button', { name: 'Form', exact: true }).click();
    assert.equal(await field('Name').locator('input').inputValue(), 'till/post');
    assert.equal(await field('SecretString').locator('input').inputValue(), planted);
    assert.equal(await field('Value').locator('input').inputValue(), 'till');
  });
  await step('copies', async () => {
    await page.getByRole('button', { name: 'Copy as CLI' }).click();
    await page.getByText(/^Copied/).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(command, /^component process --function CreateSecret --body '\{"Name":"till\/post"/);
    await page.getByRole('button', { name: 'Copy as fixture' }).click();
    const fixture = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(fixture.fixtures.workbench.msg.body.Name, 'till/post');
  });
  await step('throttled calls end in a rebound', async () => {
    await choose('Describe secret');
    await page.locator('#fault').selectOption('unavailable');
    await page.getByRole('button', { name: 'Make it so' }).click();
    await page.getByText('The next three calls go wrong').waitFor();
    return run(/^rebound; message acknowledged .*3 calls of AWS/);
  });
  await step('rotate it', async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await choose('Rotate secret');
    await page.waitForFunction(() => document.querySelector('main h2').getBoundingClientRect().top >= 0);
    await page.getByRole('button', { name: 'Fill in the example' }).click();
    await fill('SecretId', 'till/database');
    return run(/^data; .*RotateSecret 200/);
  });
  await step('by keyboard alone', async () => {
    await page.locator('#search').focus();
    await page.keyboard.type('random');
    for (const target of ['Get random password', 'Run']) {
      for (let i = 0; ; i++) {
        assert.ok(i < 80, `Tab does not come to ${target}`);
        await page.keyboard.press('Tab');
        if ((await page.evaluate(() => document.activeElement.textContent)) === target) break;
      }
      await page.keyboard.press('Enter');
      if (target !== 'Run') await page.locator('main h2', { hasText: target }).waitFor();
    }
    await page.waitForFunction(() => /^data/.test(document.getElementById('status').textContent));
    await page.locator('#search').fill('');
  });
  await step('accessible, light and dark, wide and narrow', async () => {
    for (const [colorScheme, width] of [['light', 1280], ['dark', 390]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await accessible(`${colorScheme}, ${width} pixels`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `wider than ${width} pixels`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 900 });
  });
  await step('the story', async () => {
    await page.getByRole('button', { name: 'Play the story' }).click();
    await page.locator('.play.main').waitFor();
    const chapters = await page.locator('.chapters li').count();
    for (let i = 1; i <= chapters; i++) {
      await page.locator('.play.main').click();
      await page.waitForFunction((played) => document.querySelectorAll('.chapters .good').length === played, i);
    }
    await page.getByText('The story is over: every output was as told.').waitFor();
    await accessible('the story');
    return `${chapters} messages`;
  });
  await step('without the token nothing works', async () => {
    const other = await context.newPage();
    await other.goto(origin + '/');
    await other.locator('#notice', { hasText: 'The token is missing' }).waitFor();
    assert.equal(await other.locator('#bench').isVisible(), false);
    await other.goto('about:blank');
    await other.goto(origin + '/#WRONG');
    await other.locator('#notice', { hasText: 'token is missing or wrong' }).waitFor();
    assert.equal(await other.locator('#bench').isVisible(), false);
    await other.close();
  });
  await step('a page of another origin gets nothing', async () => {
    const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>elsewhere</title>'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const other = await context.newPage();
    await other.goto(`http://127.0.0.1:${server.address().port}/`);
    const [, token] = address.split('#');
    // Even one that has come by the token.
    const got = await other.evaluate(async ([origin, token]) => {
      const attempt = async (does) => {
        try {
          return await does();
        } catch (error) {
          return 'refused: ' + error.name;
        }
      };
      const load = (name, attributes) => new Promise((resolve) => {
        const e = Object.assign(document.createElement(name), attributes, { onload: () => resolve('loaded'), onerror: () => resolve('refused') });
        document.head.append(e);
      });
      return {
        simple: await attempt(async () => (await fetch(origin + '/api/story', { method: 'POST', body: '{}' })).status),
        unseen: await attempt(async () => (await fetch(origin + '/api/aws', { method: 'POST', mode: 'no-cors', body: '{"reset":true}' })).type),
        withToken: await attempt(async () => (await fetch(origin + '/api/story', {
          method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token },
        })).status),
        script: await load('script', { src: origin + '/', type: 'module' }),
        image: await load('img', { src: origin + '/icon.svg' }),
      };
    }, [origin, token]);
    assert.match(String(got.simple), /^refused/);
    assert.match(String(got.withToken), /^refused/);
    assert.equal(got.script, 'refused');
    assert.equal(got.image, 'refused');
    const frame = await other.evaluate((origin) => new Promise((resolve) => {
      const frame = Object.assign(document.createElement('iframe'), { src: origin + '/', onload: () => resolve('done') });
      document.body.append(frame);
    }), origin);
    assert.equal(frame, 'done');
    assert.equal(await other.frames()[1].locator('#bench').count(), 0, 'it shows in a frame');
    await other.close();
    server.close();
    // What another page sent without looking at the answer has changed nothing.
    await page.bringToFront();
    const answer = await page.evaluate(async (token) => (await fetch('api/story', {
      method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token },
    })).status, token);
    assert.equal(answer, 200);
  });
  await step('no other host was asked, no secret was logged or stored, nothing went wrong in the page', async () => {
    assert.deepEqual([...asked], [origin]);
    assert.equal(bench.printed().includes(planted), false, 'the log has the value');
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
    assert.equal(page.url().includes(planted), false);
    assert.deepEqual(problems, []);
  });
} finally {
  await browser.close();
  await bench.end();
}
