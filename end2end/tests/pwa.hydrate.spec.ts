// Loopr as an installed app: what Chromium asks of one, and what is left without a network.
import { chromium } from '@playwright/test';
import { expect, open, test } from '../fixtures';

test.use({ instance: 'pwa', serviceWorkers: 'allow' });

test.describe.configure({ mode: 'serial' });

test('Chromium accepts it as installable', async ({ loopr }, testInfo) => {
  // A profile of its own: nothing is installed from a private window, which other tests use.
  const context = await chromium.launchPersistentContext(testInfo.outputPath('profile'), testInfo.project.use.launchOptions);
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${loopr.url}/setup`);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  const devtools = await context.newCDPSession(page);
  const manifest = await devtools.send('Page.getAppManifest');
  expect(manifest.errors).toEqual([]);
  expect(manifest.url).toContain('/manifest.webmanifest');
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
  await context.close();
});

test('without a network, a page says so and nothing is made up', async ({ page, context }) => {
  await open(page, '/setup');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await context.setOffline(true);
  // The address has not changed; only the answer has.
  await page.goto('/setup').catch(() => undefined);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Loopr does not answer');
  await context.setOffline(false);
  await page.goto('/setup');
  await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible();
});
