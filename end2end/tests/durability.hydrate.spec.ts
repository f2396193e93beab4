// Kill -9: what was acknowledged is there after the restart, and an open page reconnects by itself.
import { addMonitor, expect, open, test } from '../fixtures';

// The open page may be asking for something while nobody answers.
test.use({ instance: 'durability', tolerated: /ERR_CONNECTION_REFUSED/ });

test('monitors and results survive a killed server', async ({ signedIn: page, loopr, target }) => {
  const path = await addMonitor(page, { url: target.url, name: 'Survivor' });
  const checks = page.locator('.checks tbody tr');
  await expect(checks.nth(2)).toBeVisible();
  const oldest = await checks.last().locator('time').getAttribute('datetime');
  await loopr.kill();
  await loopr.run();
  await expect(page.locator('.live-status')).toHaveText('Live', { timeout: 20_000 });
  await open(page, path);
  await expect(page.locator(`.checks time[datetime="${oldest}"]`)).toBeVisible();
});
