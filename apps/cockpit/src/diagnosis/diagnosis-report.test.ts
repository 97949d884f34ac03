import type { Diagnosis } from '@longreach/sdk';
import { expect, test } from 'vitest';
import { chartsOf } from './charts.ts';
import { reportHtml } from './report-html.ts';
import { evidenceText, reportFileName } from './verdict-text.ts';

const finding: Diagnosis['verdict']['findings'][number] = {
  ...{ stage: 'uplink', cause: 'uplinkLoss', summary: 'too much gets lost', severity: 0.8 },
  ...{ advice: 'Look at the antenna', streamIds: [0] },
  evidence: [{ figure: 'machine.uplink.lossShare', value: 61.234, unit: '%', limit: 40 }],
};

function diagnosis(more: Partial<Diagnosis> = {}): Diagnosis {
  return {
    ...{ diag_error: 'ok', device_id: 'truck-7', remote_mqtt_connect: 'not used', result: [] },
    verdict: {
      ...{ stage: 'uplink', findings: [finding], consequences: [], remarks: [] },
      confidence: 0.9,
    },
    streams: [],
    ...more,
  };
}

const at = new Date('2030-01-02T03:04:05Z');

test('a report is one file that loads and runs nothing', () => {
  const image = { title: 'Rate', url: 'data:image/png;base64,AAAA' };
  const page = reportHtml(diagnosis(), at, [image]);
  expect(page).toContain('Machine&#39;s network');
  expect(page).toContain('too much gets lost');
  expect(page).toContain('Look at the antenna');
  expect(page).toContain('machine.uplink.lossShare: 61.23 % (limit 40 %)');
  expect(page).toContain('src="data:image/png;base64,AAAA"');
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|https?:\/\/|<link/);
});

test('names that a machine chose cannot become markup', () => {
  const page = reportHtml(diagnosis({ device_id: '<img src=x onerror=alert(1)>' }), at);
  expect(page).not.toContain('<img src=x');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
});

test('a file is named by machine, stage and time, without letters that a file system minds', () => {
  expect(reportFileName(diagnosis(), at)).toBe('diagnosis-truck-7-uplink-2030-01-02T03-04-05');
  expect(reportFileName(diagnosis({ device_id: 'a/b: c' }), at)).toContain('diagnosis-a_b__c-');
});

test('evidence without a limit names none', () => {
  expect(evidenceText({ figure: 'fps', value: 12, unit: 'fps' })).toBe('fps: 12 fps');
});

test('charts follow the frame, newest at 0 s, with gaps where nothing is known', () => {
  const charts = chartsOf({
    streamId: 0,
    samples: [
      { atMs: 6000, periodMs: 2000, machine: { camera: { capturedFps: 30 } } },
      {
        ...{ atMs: 4000, periodMs: 2000 },
        machine: { camera: { capturedFps: 29 }, uplink: { lossShare: 0.1 } },
      },
    ],
  });
  expect(charts).toEqual([
    {
      ...{ title: 'Pictures a second', unit: 'fps', timesS: [-2, 0] },
      lines: [{ label: 'captured', values: [29, 30] }],
    },
    {
      ...{ title: 'Loss on the way', unit: '%', timesS: [-2, 0] },
      lines: [{ label: 'uplink', values: [10, null] }],
    },
  ]);
});
