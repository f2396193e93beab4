// Scheduled webhooks: added with a look at their next runs, tried before they are saved, run, paused, given up and sent again, imported.
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { expect, open, ready, test } from '../fixtures';

test.use({ instance: 'webhooks' });

test.describe.configure({ mode: 'serial' });

let sink: Server;
let status = 200;
const taken: { method: string; path: string; body: string; key: string }[] = [];

test.beforeAll(async () => {
  sink = createServer((request, answer) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      taken.push({ method: request.method ?? '', path: request.url ?? '', body, key: String(request.headers['x-key'] ?? '') });
      answer.statusCode = status;
      answer.setHeader('x-sink', 'yes');
      answer.end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
});

test.afterAll(() => {
  sink.closeAllConnections();
  sink.close();
});

const address = (path: string) => `http://127.0.0.1:${(sink.address() as AddressInfo).port}${path}`;

/** A row of the log of runs, loaded until it is there: without scripts nothing comes by itself. */
async function runIn(page: Page, state: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await ready(page);
    await expect(page.locator('.run-log tbody tr').filter({ hasText: state }).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
}

test('the first one is previewed and added', async ({ signedIn: page }) => {
  await open(page, '/webhooks');
  await expect(page.getByRole('heading', { name: 'No webhook is scheduled yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Add webhook' }).click();
  await expect(page).toHaveURL('/webhooks/new');
  await ready(page);
  await page.getByLabel('Address', { exact: true }).fill(address('/nightly'));
  await page.getByRole('radio', { name: /By a cron expression/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('30 2 * * *');
  await page.getByLabel('Time zone').fill('America/New_York');
  await page.getByLabel(/^Name/).fill('Nightly report');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.locator('.next-runs tbody time')).toHaveCount(10);
  await expect(page.locator('.next-runs tbody time').first()).toContainText('02:30');
  await expect(page.locator('.next-runs thead')).toContainText('America/New_York');
  await expect(page.getByLabel(/^Name/)).toHaveValue('Nightly report');
  await expect(page.getByLabel('Every', { exact: true })).toBeHidden();
  await ready(page);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page).toHaveURL(/\/webhooks\/sch_\w+$/);
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await expect(page.locator('.next-runs tbody time').first()).toContainText('02:30');
  await open(page, '/webhooks');
  await expect(page.getByRole('heading', { name: 'The only webhook has not run yet' })).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Nightly report' });
  await expect(row).toContainText('America/New_York');
});

test('what is wrong is named, and nothing typed is lost', async ({ signedIn: page }) => {
  await open(page, '/webhooks/new');
  await page.getByLabel('Address', { exact: true }).fill('nowhere at all');
  await page.getByRole('radio', { name: /By a cron expression/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('0 0 31 2 *');
  await page.getByLabel(/^Name/).fill('Never');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.locator('.field-error')).toHaveCount(2);
  await expect(page.getByLabel(/^Name/)).toHaveValue('Never');
  await expect(page.getByRole('textbox', { name: 'Cron expression' })).toHaveValue('0 0 31 2 *');
  await expect(page.getByRole('radio', { name: /By a cron expression/ })).toBeChecked();
});

test('a draft is tried before it is saved', async ({ signedIn: page }) => {
  await open(page, '/webhooks/new');
  await page.getByLabel('Address', { exact: true }).fill(address('/tried'));
  await page.getByLabel('Every', { exact: true }).fill('1 h');
  await page.getByRole('button', { name: 'Test now' }).click();
  const result = page.getByLabel('Result of the test');
  await expect(result).toContainText('Succeeded');
  await expect(result).toContainText('Status 200');
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(address('/tried'));
  expect(taken.filter((one) => one.path === '/tried')).toHaveLength(1);
});

test('it is run by hand, and the run shows what was sent and answered', async ({ signedIn: page }) => {
  await open(page, '/webhooks');
  await page.getByRole('link', { name: 'Nightly report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await ready(page);
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('Running 1 webhook.')).toBeVisible();
  await runIn(page, 'Succeeded');
  await page.locator('.run-log tbody a').first().click();
  await expect(page).toHaveURL(/\/webhooks\/runs\/occ_/);
  await expect(page.getByLabel('Attempt 1')).toContainText('Succeeded');
  await expect(page.getByLabel('Attempt 1')).toContainText(address('/nightly'));
  await expect(page.getByRole('button', { name: 'Send again' })).toBeVisible();
});

test('it is paused with a note, and goes on', async ({ signedIn: page }) => {
  await open(page, '/webhooks');
  await page.getByRole('link', { name: 'Nightly report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await ready(page);
  await page.locator('summary', { hasText: 'Pause' }).click();
  await page.getByLabel('Why').fill('The receiver is being moved');
  await page.getByRole('button', { name: 'Pause it' }).click();
  await expect(page.locator('.page-lead')).toContainText('Paused by Ada Lovelace');
  await expect(page.locator('.page-lead')).toContainText('The receiver is being moved');
  await ready(page);
  await page.locator('summary', { hasText: 'Resume' }).click();
  await page.getByRole('button', { name: 'Resume it' }).click();
  await expect(page.locator('.page-lead')).not.toContainText('Paused');
});

test('what is given up stands in the dead letters and is sent again', async ({ signedIn: page }) => {
  status = 404;
  await open(page, '/webhooks');
  await page.getByRole('link', { name: 'Nightly report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await ready(page);
  await page.getByRole('button', { name: 'Run now' }).click();
  await runIn(page, 'Failed');
  await page.getByRole('link', { name: 'dead letters', exact: true }).click();
  await expect(page.getByRole('heading', { name: '1 run was given up' })).toBeVisible();
  await expect(page.locator('main')).toContainText('Of Nightly report');
  await ready(page);
  await page.getByRole('link', { name: 'Show those of all webhooks' }).click();
  await expect(page).toHaveURL('/webhooks/dead');
  await open(page, '/webhooks');
  await expect(page.getByRole('heading', { name: 'The only webhook is failing' })).toBeVisible();
  await open(page, '/webhooks/dead');
  await expect(page.getByRole('heading', { name: '1 run was given up' })).toBeVisible();
  status = 200;
  await page.getByRole('checkbox', { name: 'Pick the run of Nightly report' }).check();
  await page.getByRole('button', { name: 'Send the picked ones again' }).click();
  await expect(page.getByText('1 run is sent again.')).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Nothing was given up' })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
});

test('a secret is kept, named by a header, and never shown', async ({ signedIn: page }) => {
  await open(page, '/webhooks/secrets');
  await page.getByLabel('Name').fill('API_KEY');
  await page.getByLabel('Value').fill('kept-in-a-drawer');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'API_KEY' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'One secret is kept for webhooks' })).toBeVisible();
  expect(await page.content()).not.toContain('kept-in-a-drawer');
  await open(page, '/webhooks/new');
  await page.getByLabel('Address', { exact: true }).fill(address('/keyed'));
  await page.getByLabel('Every', { exact: true }).fill('1 h');
  await page.locator('.fold > summary', { hasText: 'Request' }).click();
  await page.getByLabel('Headers').fill('X-Key: {{ secret.API_KEY }}');
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByLabel('Result of the test')).toContainText('Succeeded');
  expect(taken.find((one) => one.path === '/keyed')?.key).toBe('kept-in-a-drawer');
  expect(await page.getByLabel('Result of the test').textContent()).not.toContain('kept-in-a-drawer');
});

test('a crontab is looked at line by line, then taken over', async ({ signedIn: page }) => {
  await open(page, '/webhooks/import');
  const crontab = `# Weekly\n0 3 * * 1 curl -fsS ${address('/weekly')}\n0 4 * * * /usr/local/bin/backup.sh\n`;
  await page.getByLabel('Crontab or table').fill(crontab);
  await page.getByLabel('Time zone').fill('Europe/Riga');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('heading', { name: '1 of 2 lines can be taken over' })).toBeVisible();
  await expect(page.locator('.import-lines')).toContainText('Only commands of curl and wget can be taken over');
  await ready(page);
  await page.getByRole('button', { name: 'Import 1 webhook' }).click();
  await expect(page.getByText('1 webhook taken over.')).toBeVisible();
  await page.getByRole('link', { name: 'Show them' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Weekly' })).toContainText('Europe/Riga');
});

test('the list is filtered, and several are paused at once', async ({ signedIn: page }) => {
  await open(page, '/webhooks?q=weekly');
  await expect(page.locator('.webhook-table tbody tr')).toHaveCount(1);
  await open(page, '/webhooks');
  await page.getByRole('checkbox', { name: /^Pick / }).first().check({ force: true });
  await page.getByRole('checkbox', { name: /^Pick / }).nth(1).check({ force: true });
  const bar = page.getByRole('region', { name: 'Picked webhooks' });
  await bar.locator('summary', { hasText: 'Pause' }).click();
  await bar.getByLabel('Why').fill('Over the holidays');
  await bar.getByRole('button', { name: 'Pause them' }).click();
  await expect(page.getByText('Paused 2 webhooks.')).toBeVisible();
  await open(page, '/webhooks?state=paused');
  await expect(page.getByRole('heading', { name: 'Every webhook is paused' })).toBeVisible();
  await expect(page.locator('.webhook-table tbody tr')).toHaveCount(2);
});

test('the past is looked at before it is run', async ({ signedIn: page }) => {
  await open(page, '/webhooks?q=nightly');
  await page.getByRole('link', { name: 'Nightly report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await ready(page);
  const card = page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Run the past' }) });
  await card.getByLabel('From').fill('2026-01-05T00:00');
  await card.getByLabel('To').fill('2026-01-06T23:00');
  await card.getByRole('button', { name: 'Preview' }).click();
  await expect(card).toContainText('2 runs would be made. Nothing runs yet.');
  await ready(page);
  await card.getByRole('button', { name: 'Run them' }).click();
  await expect(card).toContainText('2 runs are on their way.');
});

test('one is copied, changed and deleted', async ({ signedIn: page }) => {
  await open(page, '/webhooks?q=nightly');
  await page.getByRole('link', { name: 'Nightly report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await expect(page.getByLabel(/^Name/)).toHaveValue('Nightly report (copy)');
  await ready(page);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly report (copy)', level: 1 })).toBeVisible();
  await ready(page);
  await page.locator('summary', { hasText: 'Delete webhook' }).click();
  await page.getByRole('button', { name: 'Delete it' }).click();
  await expect(page).toHaveURL('/webhooks');
  await expect(page.getByRole('row').filter({ hasText: '(copy)' })).toHaveCount(0);
});
