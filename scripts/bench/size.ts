/** Bytes of each bundle, as written and as shipped. */
import { listActionNames } from '../lib/build/actions.ts';
import { bundleAction } from '../lib/build/bundle.ts';
import type { Section } from './measure.ts';

export async function measureSize(): Promise<Section> {
  const rows = await Promise.all(
    (await listActionNames()).map(async (name) => {
      const plain = Buffer.byteLength(await bundleAction(name, { minify: false }));
      const shipped = Buffer.byteLength(await bundleAction(name));
      const note = `${(plain / 1_000).toFixed(1)} kB before minifying; aim 80, limit 100`;
      return { name, value: shipped / 1_000, unit: 'kB', note };
    }),
  );
  return { title: 'Size of what is deployed', rows };
}
