// Analytics: every figure leads to the monitors that made it; with scripts and without.
import { expectAccessible } from '../axe';
import { addMonitor, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'analytics' });

test.describe.configure({ mode: 'serial' });

test('failures lead to their monitor, by reason and by the hour', async ({ signedIn: page, target }) => {
  await open(page, '/analytics');
  await expect(page.getByRole('heading', { name: 'No monitors to look at' })).toBeVisible();
  const monitor = await addMonitor(page, { url: target.url, name: 'Shop' });
  const pill = page.locator('.page-head .pill');
  const becomes = async (word: RegExp) =>
    expect(async () => {
      await page.reload();
      await expect(pill).toHaveText(word, { timeout: 500 });
    }).toPass();
  await becomes(/^Up/);
  await target.stop();
  await becomes(/^Down/);
  await target.listen();

  await open(page, '/analytics?period=24h');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('uptime');
  await page.getByRole('navigation', { name: 'Period' }).getByRole('link', { name: '30 d' }).click();
  await expect(page).toHaveURL('/analytics?period=30d');
  await ready(page);
  const reason = page.locator('#reasons details').filter({ hasText: 'refused' });
  await reason.locator('summary').click();
  await expect(reason.getByRole('link', { name: 'Shop' })).toHaveAttribute('href', monitor);
  await expect(page.locator('#least-reliable').getByRole('link', { name: 'Shop' })).toHaveAttribute('href', monitor);
  await page.locator('#hours td a').first().click();
  await expect(page).toHaveURL(/period=30d&hour=\d+#hour$/);
  await expect(page.locator('#hours .ranked').getByRole('link', { name: 'Shop' })).toHaveAttribute('href', monitor);
});

test('it is accessible', async ({ signedIn: page }) => {
  test.skip(!(test.info().project.use.javaScriptEnabled ?? true), 'axe needs scripts');
  await open(page, '/analytics?period=24h');
  await expectAccessible(page);
});
