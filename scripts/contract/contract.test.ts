import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rootFolder } from '../run-command.ts';
import { type Contract, contractFiles, entriesOf, readContract } from './contract.ts';
import { exportsOfContract } from './exported-types.ts';
import { checkProofs, readProofs } from './proofs.ts';
import { absentHere, findTypeDrift, narrowedHere } from './type-drift.ts';

const [reference, client] = contractFiles.map(readContract) as [Contract, Contract];
const page = readFileSync(rootFolder + reference.page, 'utf8');

/** Rows of the table under a heading of the page: the cells without their code marks. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\|(.*)\|$/gm)]
    .slice(2)
    .map(([, cells = '']) => cells.split('|').map((cell) => cell.trim()));
}

/** Which figures a recorded medium can have; latencies need a machine. */
const ofPicture =
  /^(frames|keyFrames|pli|resolution|fps|stableFps|decodeTime|processingDelay|lag|latency)/;
const mediumOf = {
  video: (name: string) => name !== 'audioLevel' && !name.startsWith('latency'),
  audio: (name: string) => !ofPicture.test(name),
};

const namesIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

describe('public contract', () => {
  it.each(contractFiles)('%s and what the project exports are the same', (path) => {
    const contract = readContract(path);
    expect(findTypeDrift(contract, exportsOfContract(contract.modules))).toEqual([]);
  });

  it('the SDK passes every type and code of the reference on', () => {
    const exported = exportsOfContract(client.modules);
    const names = Object.keys({ ...reference.types, ...reference.namedHere });
    expect(names.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('the page lists exactly the members that are optional here, with the reason of each', () => {
    const documented = rowsUnder('Optional here, required in the reference').map(
      ([members, reason = '']) => [reason, namesIn(members).toSorted()] as const,
    );
    expect(new Map(documented)).toEqual(absentHere(reference));
  });

  it('the page lists every member whose type is another here', () => {
    const documented = rowsUnder('Narrower here').flatMap(([member]) => namesIn(member));
    expect(documented).toEqual(expect.arrayContaining(narrowedHere(reference)));
  });

  it.each(['Chromium', 'Firefox'])('the page lists what %s leaves out', (browser) => {
    const row = rowsUnder('What each browser leaves out').find(([name]) =>
      name?.startsWith(browser),
    );
    const path = `packages/telemetry/src/testing/getstats/${browser.toLowerCase()}.expected.json`;
    const recorded = JSON.parse(readFileSync(rootFolder + path, 'utf8'));
    const figures = Object.keys(reference.types.WebRTCStats?.members ?? {});
    const missing = (medium: 'video' | 'audio') =>
      figures.filter((name) => mediumOf[medium](name) && !(name in recorded[medium]));
    expect(namesIn(row?.[1]).toSorted()).toEqual(missing('video').toSorted());
    expect(namesIn(row?.[2]).toSorted()).toEqual(missing('audio').toSorted());
  });

  it('has no name twice', () => {
    const names = [reference, client].flatMap(entriesOf).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(200);
    expect(names).toEqual([...new Set(names)]);
  });

  it('every proof names a test that is there, runs, and speaks of what it proves', () => {
    const { faults } = checkProofs(readProofs(), [reference, client].flatMap(entriesOf));
    expect(faults).toEqual([]);
  });
});
