// Kinds of monitors: chosen, filled in, refused with what was typed kept, seen working; with scripts and without.
import { request } from '@playwright/test';
import { expectAccessible } from '../axe';
import { addMonitor, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'kinds' });

test.describe.configure({ mode: 'serial' });

const pill = '.page-head .pill';

test('a port is watched, by a kind that was chosen', async ({ signedIn: page, target }) => {
  await open(page, '/monitors/new');
  await page.getByRole('navigation', { name: 'Kind of monitor' }).getByRole('link', { name: 'TCP' }).click();
  await expect(page).toHaveURL('/monitors/new?kind=tcp');
  await expect(page.getByText('A port that takes connections')).toBeVisible();
  await ready(page);
  await page.getByLabel('Address', { exact: true }).fill('127.0.0.1');
  await page.getByLabel(/^Name/).fill('Port');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.locator('.field-error').first()).toBeVisible();
  await expect(page).toHaveURL(/kind=tcp/);
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue('127.0.0.1');
  await expect(page.getByLabel(/^Name/)).toHaveValue('Port');
  await ready(page);
  await page.getByLabel('Address', { exact: true }).fill(new URL(target.url).host);
  await page.getByLabel('Check every').fill('1 s');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Port', level: 1 })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.locator(pill)).toHaveText(/^Up/, { timeout: 500 });
  }).toPass();
});

test('a job reports to its address, and the address shows what it said', async ({ signedIn: page, loopr }) => {
  await open(page, '/monitors/new?kind=heartbeat');
  await page.getByLabel(/^Name/).fill('Nightly backup');
  await page.getByLabel('Expected every').fill('1 d');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly backup', level: 1 })).toBeVisible();
  const address = await page.locator('code').filter({ hasText: '/ping/' }).first().textContent();
  const path = new URL(address ?? '', loopr.url).pathname;
  const job = await request.newContext({ baseURL: loopr.url });
  expect((await job.get(path)).status()).toBe(200);
  await page.reload();
  await ready(page);
  await expect(page.locator(pill)).toHaveText(/^Up/);
  expect((await job.post(`${path}/3`, { data: 'disk is full' })).status()).toBe(200);
  await page.reload();
  await ready(page);
  await expect(page.locator(pill)).toHaveText(/^Down/);
  await expect(page.getByText('disk is full').first()).toBeVisible();
  await job.dispose();
});

test('a group stands for its members', async ({ signedIn: page }) => {
  await open(page, '/monitors/new?kind=group');
  await page.getByLabel(/^Name/).fill('Everything');
  await page.getByLabel('Members', { exact: true }).fill('Port\nNobody');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.locator('.field-error').filter({ hasText: 'Nobody' })).toBeVisible();
  await expect(page.getByLabel('Members', { exact: true })).toHaveValue('Port\nNobody');
  await ready(page);
  await page.getByLabel('Members', { exact: true }).fill('Port\nNightly backup');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Everything', level: 1 })).toBeVisible();
  await expect(page.locator(pill)).toHaveText(/^Down/);
  await expect(page.getByRole('link', { name: 'Nightly backup' })).toBeVisible();
});

test('a saved secret is never shown again, and stays when it is not typed anew', async ({ signedIn: page, target }) => {
  const monitor = await addMonitor(page, { url: target.url, name: 'Private', interval: '1 h' });
  await open(page, `${monitor}/edit`);
  const signIn = page.locator('details').filter({ hasText: 'Sign-in' }).first();
  await signIn.locator('summary').click();
  await signIn.getByLabel('User name').first().fill('ada');
  await signIn.getByLabel('Password').first().fill('hunter2 hunter2');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page).toHaveURL(monitor);
  await open(page, `${monitor}/edit`);
  expect(await page.content()).not.toContain('hunter2');
  await page.locator('details').filter({ hasText: 'Sign-in' }).first().locator('summary').click();
  await expect(page.getByLabel('User name').first()).toHaveValue('ada');
});

test('the form of every kind is accessible', async ({ signedIn: page }) => {
  test.skip(!(test.info().project.use.javaScriptEnabled ?? true), 'axe needs scripts');
  test.setTimeout(120_000);
  await open(page, '/monitors/new');
  const kinds = await page.getByRole('navigation', { name: 'Kind of monitor' }).getByRole('link').evaluateAll(
    (links) => links.map((link) => link.getAttribute('href') ?? ''),
  );
  expect(kinds).toHaveLength(15);
  for (const address of kinds) {
    await open(page, address);
    await expectAccessible(page);
  }
});
