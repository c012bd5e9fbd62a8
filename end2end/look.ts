// The folder for screenshots, and whether this run is `make look`, which takes them.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const isLook = process.env['LOOK'] === '1';
export const folder = join(dirname(fileURLToPath(import.meta.url)), 'results', 'look');
mkdirSync(folder, { recursive: true });
