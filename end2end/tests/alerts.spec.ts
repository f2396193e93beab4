// From a failing target to the message and the incident: a channel, a rule, an outage, an acknowledgement, the recovery.
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addMonitor, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'alerts' });

test.describe.configure({ mode: 'serial' });

let sink: Server;
const taken: { type: string; data: { title: string } }[] = [];

test.beforeAll(async () => {
  sink = createServer((request, answer) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      taken.push(JSON.parse(body));
      answer.end('thanks');
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
});

test.afterAll(() => {
  sink.closeAllConnections();
  sink.close();
});

test('a channel is refused with what was typed kept, then added', async ({ signedIn: page }) => {
  await open(page, '/alerts/channels');
  await expect(page.getByRole('heading', { name: 'There are no channels yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Add channel' }).first().click();
  await ready(page);
  await page.getByRole('link', { name: 'Webhook', exact: true }).click();
  await expect(page).toHaveURL(/kind=webhook/);
  await ready(page);
  await page.getByLabel(/^Name( optional)?$/).fill('Operations');
  await page.getByLabel('Address').fill('nowhere at all');
  await page.getByRole('button', { name: 'Add channel' }).click();
  await expect(page.locator('.field-error')).toBeVisible();
  await expect(page.getByLabel(/^Name( optional)?$/)).toHaveValue('Operations');
  await ready(page);
  await page.getByLabel('Address').fill(`http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`);
  await page.getByRole('button', { name: 'Add channel' }).click();
  // The receiver needs the secret that was made for it.
  await expect(page).toHaveURL(/\/alerts\/channels\/chn_.*\/edit/);
  await ready(page);
  const signing = page.locator('#signing');
  await signing.getByRole('button', { name: 'Show secret' }).click();
  await expect(signing).toContainText('whsec_');
  const first = await signing.locator('code').first().textContent();
  await ready(page);
  await signing.locator('summary', { hasText: 'Rotate' }).click();
  await signing.getByRole('button', { name: 'Make a new secret' }).click();
  await expect(signing).toContainText('Copy the new secret to the receiver.');
  await open(page, '/alerts/channels');
  await page.getByRole('link', { name: 'Edit Operations' }).click();
  await ready(page);
  await expect(page.locator('#signing')).toContainText('The former secret signs as well until');
  await page.locator('#signing').getByRole('button', { name: 'Show secret' }).click();
  await expect(page.locator('#signing')).toContainText('whsec_');
  await expect(page.locator('#signing')).not.toContainText(first ?? '');
  await open(page, '/alerts/channels');
  await expect(page.getByRole('listitem').filter({ hasText: 'Operations' })).toContainText('no rule sends to it');
  await ready(page);
  await page.getByRole('button', { name: 'Send test' }).click();
  await expect(page.getByText('The test was accepted')).toBeVisible();
  expect(taken).toHaveLength(1);
});

test('the example of any event is sent, signed', async ({ signedIn: page, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'a test of what is not saved needs scripts');
  await open(page, '/alerts/channels');
  await page.getByRole('link', { name: 'Edit Operations' }).click();
  await ready(page);
  await page.getByLabel('Event of the test').selectOption('webhook_failing');
  await page.getByRole('button', { name: 'Send test' }).click();
  await expect(page.getByText('Accepted in')).toBeVisible();
  expect(taken.at(-1)?.type).toBe('webhook.failed');
  taken.pop();
});

test('a rule sends to it', async ({ signedIn: page }) => {
  await open(page, '/alerts/rules/new');
  await page.getByRole('button', { name: 'Add rule' }).click();
  await expect(page.locator('.field-error').getByText('Choose at least one channel, or the members of the space.')).toBeVisible();
  await ready(page);
  await page.getByRole('group', { name: 'Who is told' }).getByRole('checkbox', { name: /Operations/ }).check({ force: true });
  await page.getByLabel(/^Name( optional)?$/).fill('Tell operations');
  await page.getByRole('button', { name: 'Add rule' }).click();
  await expect(page).toHaveURL('/alerts');
  await expect(page.getByRole('listitem').filter({ hasText: 'Tell operations' })).toContainText('All monitors → Operations');
});

test('an outage is told, acknowledged, and ends by its recovery', async ({ signedIn: page, target }) => {
  await addMonitor(page, { url: target.url, name: 'Shop' });
  await expect(page.locator('.pill').first()).toHaveText(/^Up/, { timeout: 15_000 });
  const before = taken.length;
  await target.stop();
  await expect.poll(() => taken.slice(before).map((one) => one.type), { timeout: 30_000 }).toEqual(['monitor.down']);
  expect(taken.at(-1)?.data.title).toBe('Shop is down');
  await open(page, '/incidents');
  await expect(page.getByRole('heading', { name: 'One incident is not over' })).toBeVisible();
  await page.getByRole('link', { name: 'Shop is down' }).click();
  await expect(page.getByRole('heading', { name: 'Shop is down', level: 1 })).toBeVisible();
  await ready(page);
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await expect(page.locator('.events')).toContainText('Acknowledged by Ada Lovelace');
  await ready(page);
  await page.getByLabel('What is going on').fill('The cable was pulled.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await expect(page.locator('.events')).toContainText('The cable was pulled.');
  await target.listen();
  await expect.poll(() => taken.slice(before).map((one) => one.type), { timeout: 30_000 }).toEqual(['monitor.down', 'monitor.up']);
  await open(page, new URL(page.url()).pathname);
  await expect(page.locator('.pill').first()).toHaveText(/^Resolved/);
  await expect(page.locator('.events')).toContainText('Recovered');
  await expect(page.getByRole('listitem').filter({ hasText: 'to Operations' })).toHaveCount(2);
});

test('a message shows what was sent, and is sent again', async ({ signedIn: page }) => {
  const before = taken.length;
  await open(page, '/alerts/messages');
  await page.getByRole('link', { name: 'Shop is down' }).first().click();
  await expect(page.getByRole('heading', { name: 'Shop is down', level: 1 })).toBeVisible();
  await page.locator('summary', { hasText: 'Body of the request' }).click();
  await expect(page.locator('.trace pre').filter({ hasText: '"type":"monitor.down"' })).toBeVisible();
  await page.locator('summary', { hasText: 'Headers of the request' }).click();
  await expect(page.locator('.trace pre').filter({ hasText: 'webhook-signature: [redacted]' })).toBeVisible();
  await ready(page);
  await page.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => taken.slice(before).map((one) => one.type)).toEqual(['monitor.down']);
});

test('the bell and the log show what happened', async ({ signedIn: page }) => {
  await open(page, '/notifications');
  await expect(page.getByRole('heading', { name: '2 things you have not seen' })).toBeVisible();
  await page.getByRole('button', { name: 'Shop is down' }).click();
  await expect(page).toHaveURL(/\/incidents\/inc_/);
  await open(page, '/notifications');
  await page.getByRole('button', { name: 'Mark all as seen' }).click();
  await expect(page.getByRole('heading', { name: 'You have seen everything' })).toBeVisible();
  await open(page, '/activity?area=incident');
  await expect(page.getByRole('listitem').filter({ hasText: 'Ada Lovelace acknowledged Shop is down' })).toBeVisible();
});

test('what one wants to be told is kept', async ({ signedIn: page }) => {
  await open(page, '/settings/notifications');
  await page.getByRole('checkbox', { name: 'Degraded: E-mail' }).check();
  await page.getByRole('checkbox', { name: 'Down: Push' }).uncheck();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved').first()).toBeVisible();
  await open(page, '/settings/notifications');
  await expect(page.getByRole('checkbox', { name: 'Degraded: E-mail' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Down: Push' })).not.toBeChecked();
});
