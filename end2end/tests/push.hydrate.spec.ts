// A push message reaches the service worker and is shown; a press leads to its cause. The push service is the browser's own tools.
import { expect, open, test } from '../fixtures';

test.use({ instance: 'push', serviceWorkers: 'allow' });

test('a message is shown by the service worker', async ({ signedIn: page, context }) => {
  await context.grantPermissions(['notifications']);
  await open(page, '/settings/notifications');
  await expect(page.getByRole('button', { name: 'Allow push messages in this browser' })).toBeVisible();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const client = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    client.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await client.send('ServiceWorker.enable');
  const data = JSON.stringify({ title: 'Shop is down', body: 'It answered 503.', tag: 'inc_1', severity: 'critical', url: '/incidents' });
  const message = { origin: new URL(page.url()).origin, registrationId: await registered, data };
  await client.send('ServiceWorker.deliverPushMessage', message);
  const shown = () =>
    page.evaluate(async () => {
      const all = await (await navigator.serviceWorker.ready).getNotifications();
      return all.map((one) => ({ title: one.title, body: one.body, tag: one.tag, url: one.data.url }));
    });
  await expect.poll(shown).toEqual([{ title: 'Shop is down', body: 'It answered 503.', tag: 'inc_1', url: '/incidents' }]);
});
