// Accessibility of a page, by axe-core, in both themes.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { expect } from './fixtures';

const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Fails on any violation of WCAG 2.2 A or AA, or of good practice that axe is sure about. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(source);
    const results = await page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run: (context: unknown, options: unknown) => Promise<AxeResults> } }).axe;
      return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    });
    const said = results.violations.map((violation) => ({
      rule: `${colorScheme}: ${violation.id}`,
      where: violation.nodes.map((node) => `${node.target.join(' ')}: ${node.any[0]?.message ?? node.failureSummary ?? ''}`),
    }));
    expect(said).toEqual([]);
  }
}
