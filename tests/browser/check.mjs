// Opens what a person opens, in headless Chromium, on a running development server (BK_URL): the
// viewer of the document with a login tried out in it, a payment page with its Pay button, the
// mailbox, a printable sheet. Fails on a page that is not as it should be, and on any error or
// warning in a console, any failed request and any answer of 400 or more.
//
// BK_CHROMIUM: the browser's program. BK_SCREENSHOTS: a folder for a picture of each page.

import { chromium } from 'playwright-core';

const API = required('BK_URL').replace(/\/$/, '');
const PASSWORD = process.env.BK_DEMO_PASSWORD ?? 'demo-kitchen-please-change';
const TENANT = 'greenfork';
// The worker grants a pack within moments; this is for a busy machine.
const PATIENCE_MS = 60_000;

function required(key) {
  const value = process.env[key];
  if (!value) {
    console.error(`${key} is not set`);
    process.exit(2);
  }
  return value;
}

function demand(condition, message) {
  if (!condition) throw new Error(message);
}

/** Everything a page complained about. */
const complaints = [];

function listen(page, name) {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      complaints.push(`${name}: console ${message.type()}: ${message.text()} (${page.url()})`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`${name}: page error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    complaints.push(`${name}: ${request.method()} ${request.url()} failed: ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      complaints.push(`${name}: ${response.request().method()} ${response.url()}: ${response.status()}`);
    }
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    const local = ['data:', 'blob:', 'about:'].includes(protocol) || hostname === '127.0.0.1';
    if (!local) complaints.push(`${name}: asked ${request.url()}, which is another machine`);
  });
}

/** A page in a browser profile of its own. */
async function open(browser, name) {
  const context = await browser.newContext({ acceptDownloads: false });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  listen(page, name);
  return page;
}

async function picture(page, name) {
  if (process.env.BK_SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.BK_SCREENSHOTS}/${name}.png`, fullPage: true });
  }
}

/** Opens an operation in the viewer and returns its block. */
async function expand(page, method, path) {
  const block = page.locator(`.opblock-${method}`).filter({
    has: page.locator(`.opblock-summary-path[data-path="${path}"]`),
  });
  await block.locator('.opblock-summary-control').click();
  await block.locator('.opblock-body').waitFor();
  const tryOut = block.locator('.try-out__btn:not(.cancel):not(.reset)');
  if (await tryOut.count()) await tryOut.click();
  return block;
}

/** Executes an opened operation and returns the status shown. */
async function execute(block) {
  await block.locator('button.execute').click();
  const status = block.locator('.live-responses-table .response-col_status').nth(1);
  await status.waitFor();
  return (await status.innerText()).trim().split(/\s/)[0];
}

async function viewer(page) {
  await page.goto(`${API}/docs`);
  await page.locator('.opblock').first().waitFor();
  const operations = await page.locator('.opblock').count();
  demand(operations > 20, `the viewer shows ${operations} operations`);

  const login = await expand(page, 'post', '/api/v1/client/auth/login');
  const body = { tenant: TENANT, email: `client1@${TENANT}.test`, password: PASSWORD };
  await login.locator('textarea.body-param__text').fill(JSON.stringify(body, null, 2));
  const loggedIn = await execute(login);
  demand(loggedIn === '200', `logging in from the viewer answered ${loggedIn}`);

  const me = await expand(page, 'get', '/api/v1/client/auth/me');
  const status = await execute(me);
  demand(status === '200', `me answered ${status} after a login in the viewer`);
  const shown = await me.locator('.live-responses-table .highlight-code').first().innerText();
  demand(shown.includes(body.email), 'me does not show who logged in');
  await picture(page, 'viewer');
  return `${operations} operations; logged in and read me with "Try it out"`;
}

/** A call by the scripts of a page of the API, with the cookies of its browser. */
async function call(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const surface = path.split('/')[1];
      const csrf = document.cookie.match(new RegExp(`bk_${surface}_csrf=([^;]+)`));
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(csrf && { 'x-csrf-token': decodeURIComponent(csrf[1]) }),
        },
        body: body && JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    },
    [method, path, body],
  );
}

async function checkout(page) {
  await page.goto(`${API}/docs`);
  const who = { tenant: TENANT, email: `client2@${TENANT}.test`, password: PASSWORD };
  await call(page, 'POST', '/client/auth/login', who);
  const before = (await call(page, 'GET', '/client/packs?limit=100')).items.map((pack) => pack.id);
  const [product] = (await call(page, 'GET', '/client/pack-products')).items;
  demand(product, 'no pack is on sale');
  const back = { success_url: `${API}/docs`, cancel_url: `${API}/docs` };
  const started = await call(page, 'POST', `/client/packs/${product.id}/checkout`, back);

  await page.goto(started.checkout_url);
  const text = await page.locator('main').innerText();
  demand(text.includes(product.title), `the payment page does not name ${product.title}`);
  await picture(page, 'checkout');
  await page.getByRole('button', { name: /^Pay / }).click();
  await page.waitForURL(`${API}/docs/**`);

  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const packs = (await call(page, 'GET', '/client/packs?limit=100')).items;
    const fresh = packs.filter((pack) => !before.includes(pack.id));
    demand(fresh.length <= 1, `one payment gave ${fresh.length} packs`);
    if (fresh.length === 1) {
      demand(fresh[0].meals_remaining === product.meals, 'the pack does not hold its meals');
      break;
    }
    demand(Date.now() < deadline, 'the payment gave no pack');
    await page.waitForTimeout(200);
  }
  await page.goto(started.checkout_url);
  demand((await page.locator('.done').innerText()).includes('paid'), 'the payment page does not say that it is paid');
  demand((await page.getByRole('button', { name: /^Pay / }).count()) === 0, 'what is paid can be paid again');
  return `${product.title} bought with the Pay button, its pack granted once`;
}

async function mailbox(page) {
  await page.goto(`${API}/docs`);
  const who = { tenant: TENANT, email: `owner@${TENANT}.test`, password: PASSWORD };
  await call(page, 'POST', '/admin/auth/login', who);
  const email = `browser-${Date.now()}@${TENANT}.test`;
  const invited = { email, display_name: 'Browser Check', roles: ['kitchen'] };
  await call(page, 'POST', '/admin/invitations', invited);
  const article = page.locator('article').filter({ hasText: email });
  const deadline = Date.now() + PATIENCE_MS;
  do {
    demand(Date.now() < deadline, `no mail to ${email}`);
    await page.goto(`${API}/dev/mail`);
  } while ((await article.count()) === 0);
  demand((await page.locator('h1').innerText()) === 'Mailbox', 'not the mailbox');
  await picture(page, 'mailbox');
  return `the invitation of ${email} is shown`;
}

async function sheet(page) {
  await page.goto(`${API}/docs`);
  const who = { tenant: TENANT, email: `kitchen@${TENANT}.test`, password: PASSWORD };
  await call(page, 'POST', '/admin/auth/login', who);
  const weeks = (await call(page, 'GET', '/admin/weeks?limit=100')).items;
  const locked = weeks.find((week) => week.locked_at || week.state === 'LOCKED');
  demand(locked, 'no week of the demo kitchen is locked');
  const seen = [];
  for (const name of ['production', 'ingredients', 'labels', 'packing']) {
    await page.goto(`${API}/api/v1/admin/weeks/${locked.week}/${name}`);
    const type = await page.evaluate(() => document.contentType);
    demand(type === 'text/html', `${name} answered a browser with ${type}`);
    demand((await page.locator('body').innerText()).trim().length > 20, `${name} is an empty page`);
    await page.emulateMedia({ media: 'print' });
    await picture(page, name);
    await page.emulateMedia({ media: null });
    seen.push(name);
  }
  return `${seen.join(', ')} of ${locked.week}`;
}

const browser = await chromium.launch({
  executablePath: process.env.BK_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let failed = 0;
try {
  for (const [name, check] of Object.entries({ viewer, checkout, mailbox, sheet })) {
    const page = await open(browser, name);
    try {
      console.log(`${name}: ${await check(page)}`);
    } catch (error) {
      failed += 1;
      console.error(`${name}: FAILED: ${error.message}`);
      await picture(page, `${name}-failed`);
    }
    await page.context().close();
  }
} finally {
  await browser.close();
}
for (const complaint of complaints) console.error(complaint);
console.log(`browser: ${failed} failed, ${complaints.length} complaints`);
process.exit(failed || complaints.length ? 1 : 0);
