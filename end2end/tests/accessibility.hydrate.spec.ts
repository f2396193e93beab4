// axe on every page, light and dark, wide and narrow.
import { expectAccessible } from '../axe';
import { addMonitor, expect, open, test } from '../fixtures';

test.use({ instance: 'accessibility' });

const PAGES = [
  '/', '/?state=down', '/monitors/new', '/settings/profile', '/settings/security', '/settings/appearance', '/settings/space',
  '/settings/members', '/settings/tokens', '/admin/accounts', '/admin/spaces', '/admin/network',
  '/maintenance', '/maintenance/new', '/maintenance/new?repeat=weekly&time=02:00&days[]=mon&duration=1+h', '/incidents', '/incidents/new', '/alerts', '/alerts/rules/new', '/alerts/channels', '/alerts/channels/new?kind=slack', '/alerts/messages',
  '/notifications', '/activity', '/settings/notifications', '/nothing-here',
];

test('pages of who is signed in', async ({ signedIn: page, target }) => {
  test.setTimeout(180_000);
  const path = await addMonitor(page, { url: target.url, name: 'Seen by axe' });
  for (const address of [...PAGES, path, `${path}/edit`]) {
    await test.step(address, async () => {
      await open(page, address);
      await expectAccessible(page);
    });
  }
});

test('pages on a phone', async ({ signedIn: page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const address of ['/', '/monitors/new', '/maintenance', '/maintenance/new', '/admin/network', '/settings/profile']) {
    await test.step(address, async () => {
      await open(page, address);
      await expectAccessible(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, 'pixels that stand out to the side').toBeLessThanOrEqual(0);
    });
  }
});

test('pages of visitors', async ({ signedIn, page }) => {
  await signedIn.context().clearCookies();
  for (const address of ['/', '/sign-in', '/sign-up', '/forgot', '/invitation/unknown', '/reset/unknown', '/verify/unknown']) {
    await test.step(address, async () => {
      await open(page, address);
      await expectAccessible(page);
    });
  }
});
