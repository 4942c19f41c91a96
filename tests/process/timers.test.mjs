// T25. How long it takes is the benchmark's business: node tests/bench/run.mjs --only timers
import test from 'node:test';
import assert from 'node:assert/strict';
import { atOneInstant, percentile } from './timers.mjs';

const timers = Number(process.env.XIEBAN_TIMERS ?? 100_000);

test('T25_urgent ones first, all of them once and none early, webhooks answered meanwhile', async () => {
  const came = await atOneInstant(timers);
  console.log(`urgent p99 ${percentile(came.urgent, 0.99)} ms, all ${Math.max(came.urgent.at(-1), came.normal.at(-1))} ms; ${came.webhooks.length} webhooks, p99 ${percentile(came.webhooks, 0.99).toFixed(0)} ms`);
  // The requests that the copies were made from have one of their own, which may be due meanwhile.
  for (const kind of ['urgent', 'normal']) {
    const extra = came[kind].length - came.expected[kind];
    assert.ok(extra === 0 || extra === 1, `${kind}: ${came[kind].length} of ${came.expected[kind]} fired`);
    assert.ok(came[kind][0] >= 0, 'nothing early');
  }
  // While urgent ones wait nothing else is taken, but for the batch of a hundred that was being worked on.
  assert.ok(came.overtaken <= 100, `urgent first: ${came.overtaken} others came before the last of them`);
  assert.ok(came.statuses.length > 0 && came.statuses.every((one) => one === 200), 'webhooks are answered');
});
