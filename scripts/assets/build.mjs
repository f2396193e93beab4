// Makes what the site needs and nobody wrote by hand: font subsets, the chart bundle, raster icons.
// Idempotent: a file is made again only when one of its sources is newer. `npm run assets` from the repository root.
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const at = (...parts) => join(root, ...parts);
const self = fileURLToPath(import.meta.url);

const modified = async (path) => (await stat(path).catch(() => null))?.mtimeMs ?? 0;

/** Runs `make` when `target` is older than any of `sources`. */
async function produce(target, sources, make) {
  const newest = Math.max(...(await Promise.all([self, ...sources].map(modified))));
  if ((await modified(target)) > newest) return;
  await mkdir(dirname(target), { recursive: true });
  await make();
  const { size } = await stat(target);
  console.log(`assets: ${relative(root, target)} (${(size / 1024).toFixed(1)} kB)`);
}

async function fonts() {
  const subsets = {
    'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
    'jetbrains-mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  };
  for (const [name, source] of Object.entries(subsets)) {
    const from = at('node_modules', source);
    const to = at('public', 'fonts', name);
    await produce(to, [from], () => copyFile(from, to));
  }
}

async function charts() {
  const entry = at('scripts', 'assets', 'echarts.mjs');
  const target = at('public', 'vendor', 'echarts.js');
  await produce(target, [entry, at('node_modules', 'echarts', 'package.json')], async () => {
    const { build } = await import('esbuild');
    await build({
      entryPoints: [entry],
      outfile: target,
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2022',
      legalComments: 'eof',
      logLevel: 'error',
    });
  });
}

/** Every raster icon, with the drawing it comes from and its width in pixels. */
const ICONS = [
  ['icon-192.png', 'icon.svg', 192],
  ['icon-512.png', 'icon.svg', 512],
  ['icon-maskable-512.png', 'icon-maskable.svg', 512],
  ['apple-touch-icon.png', 'icon-maskable.svg', 180],
];

async function icons() {
  for (const [name, drawing, width] of ICONS) {
    const source = at('scripts', 'assets', drawing);
    const target = at('public', 'icons', name);
    await produce(target, [source], async () => {
      const { Resvg } = await import('@resvg/resvg-js');
      const svg = await readFile(source, 'utf8');
      await writeFile(target, new Resvg(svg, { fitTo: { mode: 'width', value: width } }).render().asPng());
    });
  }
}

await Promise.all([fonts(), charts(), icons()]);
