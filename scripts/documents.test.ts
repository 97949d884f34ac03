import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseServerConfig } from '../apps/server/src/config/server-config.ts';
import { rootFolder } from './run-command.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'apps/*/*.md', 'tests/*.md'], {
  cwd: rootFolder,
});
const read = (path: string) => readFileSync(join(rootFolder, path), 'utf8');

/** Targets of links and images, outside of code. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** Anchors of a page's headings, as the usual renderers make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenLinksOf(page: string): string[] {
  return linksOf(read(page)).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(rootFolder, target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
}

describe('documents', () => {
  it.each(pages)('%s has no broken link', (page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });

  it('the README maps every room, and each room says what it is', () => {
    const rooms = globSync(['packages/*', 'apps/*'], { cwd: rootFolder }).filter((room) =>
      statSync(join(rootFolder, room)).isDirectory(),
    );
    const map = linksOf(read('README.md'));
    expect(rooms.filter((room) => !map.some((link) => link.startsWith(room)))).toEqual([]);
    expect(rooms.filter((room) => !pages.includes(`${room}/README.md`))).toEqual([]);
  });

  it('every page is reached from the README', () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !pages.includes(page)) return;
      reached.add(page);
      for (const link of linksOf(read(page))) visit(join(dirname(page), link.split('#')[0] ?? ''));
    };
    visit('README.md');
    const docs = pages.filter((page) => page.startsWith('docs/') || !page.includes('/'));
    expect(docs.filter((page) => !reached.has(page))).toEqual([]);
  });

  it('docs/2-operate/server.md has every key of the configuration with its default', () => {
    const flatten = (value: object, prefix = ''): Array<[string, string]> =>
      Object.entries(value).flatMap(([key, member]) =>
        typeof member === 'object' && !Array.isArray(member)
          ? flatten(member, `${prefix}${key}.`)
          : [[prefix + key, `\`${JSON.stringify(member)}\``]],
      );
    const config = new Map(flatten(parseServerConfig({ signingSecret: 'x'.repeat(32) })));
    config.delete('signingSecret');
    config.set('media.workers', 'one per core but one');
    const rows = read('docs/2-operate/server.md').matchAll(/^\| `([\w.]+)` *\| (.+?) *\| .*\|$/gm);
    expect(new Map([...rows].map(([, key, value]) => [key, value]))).toEqual(config);
  });
});
