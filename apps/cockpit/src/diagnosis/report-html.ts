import type { Diagnosis } from '@longreach/sdk';
import { evidenceText, stageName } from './verdict-text.ts';

type Finding = Diagnosis['verdict']['findings'][number];

/** A drawn chart: PNG as a data URL. */
export type ChartImage = { title: string; url: string };

const style = `
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 16px/1.4 system-ui, sans-serif; color: #16202a; }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { padding: 1rem; border-left: 8px solid #b00020; background: #f3f5f7 }
.verdict[data-stage=healthy] { border-color: #1b7f3b }
img { max-width: 100%; background: #10161c } figure { margin: 1rem 0 } li { margin: .2rem 0 }
`;

/** A page of its own with everything in it: it loads nothing and runs nothing. */
export function reportHtml(
  diagnosis: Diagnosis,
  at: Date,
  images: readonly ChartImage[] = [],
): string {
  const { verdict, device_id } = diagnosis;
  const title = `Diagnosis of ${device_id}, ${at.toISOString()}`;
  const charts = images.map(
    ({ title: name, url }) =>
      `<figure><figcaption>${escaped(name)}</figcaption><img alt="${escaped(name)}" src="${escaped(url)}"></figure>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
<div class="verdict" data-stage="${verdict.stage}"><strong>${escaped(stageName(verdict.stage))}</strong>
<p>${escaped(verdict.findings[0]?.summary ?? 'Nobody is to blame.')} Confidence ${Math.round(100 * verdict.confidence)} %.</p></div>
${section('Findings', verdict.findings)}
${section('What follows from them', verdict.consequences)}
${section('Seen, and blamed on nobody', verdict.remarks)}
${charts.length > 0 ? `<h2>Figures</h2>${charts.join('')}` : ''}
<h2>All figures</h2>
<details><summary>As JSON</summary><pre>${escaped(JSON.stringify(diagnosis, undefined, 1))}</pre></details>
</body></html>
`;
}

function section(title: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  const items = findings.map(
    ({ stage, summary, advice, evidence }) =>
      `<li><strong>${escaped(stageName(stage))}</strong>: ${escaped(summary)}. ${escaped(advice)}<ul>${evidence
        .map((one) => `<li>${escaped(evidenceText(one))}</li>`)
        .join('')}</ul></li>`,
  );
  return `<h2>${title}</h2><ol>${items.join('')}</ol>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
