// Writes index.html in the folder of screenshots: a row for each state, with its screenshots side by side.
// Names: ⟨state⟩-⟨language⟩-⟨theme⟩-⟨width⟩.png
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const rows = new Map();
for (const file of readdirSync(folder).sort()) {
  const [, state, shot] = /^(.+)-((?:en|de)-(?:light|dark|forced)-\d+)\.png$/.exec(file) ?? [];
  if (state) rows.set(state, { ...rows.get(state), [shot]: file });
}
const columns = [...new Set([...rows.values()].flatMap((shots) => Object.keys(shots)))].sort();
const cell = (file) => (file ? `<td><a href="${file}"><img loading="lazy" src="${file}" alt="${file}"></a></td>` : '<td></td>');
const line = ([state, shots]) => `<tr><th>${state}</th>${columns.map((column) => cell(shots[column])).join('')}</tr>`;
writeFileSync(
  join(folder, 'index.html'),
  `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Every state</title>
<style>body{font:14px system-ui}td,th{vertical-align:top;text-align:left;padding:4px}img{height:320px;object-fit:cover;object-position:top;max-width:420px;border:1px solid #8888}thead th{position:sticky;top:0;background:#fff}</style>
<h1>${rows.size} states</h1><table><thead><tr><th>state</th>${columns.map((column) => `<th>${column}</th>`).join('')}</tr></thead>
${[...rows].map(line).join('\n')}</table></html>\n`,
);
