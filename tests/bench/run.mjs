// The benchmark: our service, a bare Beast server and the official Node SDK side by side, fed with the same bytes on the same
// core in one run. Prints Markdown.  node tests/bench/run.mjs --programs build/release [--only webhooks|many|timers] [--seconds 3]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { configuration, environment, group, keys, speaker, world } from './company.mjs';
import { cpuNs, metrics, rssMb, start, stop, stopAll } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: 'build/release' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '1000' },
    many: { type: 'string', default: '100000' },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const requests = Number(options.requests);
const many = Number(options.many);
const burst = 10000;
const serverCore = 0;
const loadCore = 1;
const pageBytes = 4096 + 24; // with the frame's header
const program = (name) => join(options.programs, name);

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const whole = (number) => Math.round(number).toLocaleString('en-US');
const short = (number) => (number >= 100 ? whole(number) : number.toFixed(number >= 10 ? 1 : 2));
function table(head, rows) {
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  console.log(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n') + '\n');
}

// ---- the load --------------------------------------------------------------------------------------

let runs = 0;
/** One run of the load: its own message ids, comments over all requests unless `text` says otherwise. */
async function load(server, { connections, rate = 0, duration = seconds, prepare, text = '/备注 {} 压测', spread = requests }) {
  runs += 1;
  // A run ends early when all that was prepared is answered: the figures are per event.
  const events = prepare ?? Math.ceil(rate > 0 ? rate * duration + connections : server.fastest * duration * 1.3);
  const one = await start(
    loadCore,
    [program('xieban-load'), '--port', server.port, '--encrypt-key', keys.encrypt, '--token', keys.token, '--user', speaker, '--chat', group, '--text', text]
      .concat(['--connections', connections, '--requests', spread, '--seconds', duration, '--rate', rate, '--prepare', events, '--prefix', `om_${process.pid}_${runs}_`])
      .map(String),
    { silent: true },
  );
  while (!one.errors.includes('prepared')) {
    if (one.child.exitCode !== null) throw new Error(one.errors);
    await pause(2);
  }
  const before = cpuNs(server.pid);
  const code = await one.ended;
  const cpu = cpuNs(server.pid) - before;
  if (code !== 0) throw new Error(`the load ended with ${code}: ${one.errors}`);
  const result = JSON.parse(one.text);
  if (result.other + result.failed > 0 || result.ok === 0) throw new Error(`${server.name}: ${one.text}`);
  return { ...result, cpuUs: cpu / 1000 / result.ok, perCpuSecond: (1e9 * result.ok) / cpu };
}

// ---- our service -------------------------------------------------------------------------------------

class Service {
  name = 'Xieban: decided, durable';

  async begin() {
    this.folder = mkdtempSync(join(tmpdir(), 'xieban-bench-'));
    writeFileSync(join(this.folder, 'world.json'), JSON.stringify(world));
    this.simulator = await start(loadCore, [program('xieban-sim'), 'feishu', '--listen', '127.0.0.1:0', '--world', join(this.folder, 'world.json')]);
    writeFileSync(join(this.folder, 'xieban.toml'), configuration(this.simulator.url.replace(/\/$/, '')));
    await this.start();
    await load(this, { connections: 1, duration: 5, prepare: 1, spread: 1, text: '/发起 压测接口联调 给技术部 截止 明天18点 紧急 背景: 新品上线 现状: 接口未定 影响: 预计影响 5000 人次' });
    await this.settled();
    await this.stop();
  }

  /** Open requests like the first one; `due` of them fall due together. */
  fill({ copies, due = 0, dueIn = 0 }) {
    execFileSync(program('xieban-fill'), [join(this.folder, 'data', 'xieban.db'), '--copies', copies, '--due', due, '--due-in', dueIn].map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async start() {
    const one = await start(serverCore, [program('xieban'), 'serve', '--config', join(this.folder, 'xieban.toml'), '--data', join(this.folder, 'data'), '--listen', '127.0.0.1:0'], { env: environment });
    Object.assign(this, { pid: one.pid, url: one.url, port: one.port, startMs: one.startMs, process: one });
    one.child.stdout.resume();
  }
  stop() {
    return stop(this.process);
  }
  /** Nothing waits to be sent. */
  async settled() {
    for (let i = 0; i < 200; ++i) {
      const ready = await (await fetch(new URL('readyz', this.url))).json();
      if (ready.outbox.waiting === 0) return;
      await pause(50);
    }
    throw new Error('the outbox does not empty');
  }
  async end() {
    await this.stop();
    await stop(this.simulator);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// ---- a, b, c: webhooks ----------------------------------------------------------------------------------

function disk(folder) {
  return JSON.parse(execFileSync('taskset', ['-c', String(serverCore), program('xieban-commits'), folder], { encoding: 'utf8' }));
}

async function webhooks() {
  const service = new Service();
  await service.begin();
  service.fill({ copies: requests - 1 });
  await service.start();
  const bare = Object.assign(await start(serverCore, [program('xieban-bare')]), { name: 'Beast, bare 200' });
  const sdk = Object.assign(await start(serverCore, [process.execPath, new URL('sdk_server.mjs', import.meta.url).pathname, keys.encrypt, keys.token]), {
    name: 'Node SDK, empty handler',
  });
  const servers = [service, bare, sdk];
  for (const server of servers) {
    // Caches and the JIT; the second one tells how much to prepare.
    await load(server, { connections: 64, duration: 2, prepare: 8000 });
    const { per_second: rate } = await load(server, { connections: 64, duration: 1, prepare: 20000 });
    server.fastest = rate;
  }

  const sync = disk(service.folder);
  const measured = new Map();
  const note = (server, shape, result) => {
    const key = `${server.name}|${shape}`;
    measured.set(key, [...(measured.get(key) ?? []), result]);
  };
  const figures = (server, shape) => {
    const list = measured.get(`${server.name}|${shape}`);
    const of = (field) => median(list.map((one) => one[field]));
    return { perSecond: of('per_second'), cpuUs: of('cpuUs'), perCpuSecond: of('perCpuSecond'), p50: of('p50_us'), p99: of('p99_us') };
  };
  const closed = [1, 8, 64];
  let commits = 0;
  let units = 0;
  let events = 0;
  let pages = 0;
  for (let round = 0; round < rounds; ++round) {
    for (const connections of closed) {
      for (const server of servers) {
        const counted = server === service && connections === 64;
        const before = counted ? await metrics(service.url) : {};
        const result = await load(server, { connections });
        note(server, `closed ${connections}`, result);
        if (!counted) continue;
        const after = await metrics(service.url);
        commits += after.xieban_commit_group_size_count - before.xieban_commit_group_size_count;
        units += after.xieban_commit_group_size_sum - before.xieban_commit_group_size_sum;
        pages += after.xieban_wal_pages_total - before.xieban_wal_pages_total;
        events += result.ok;
      }
    }
  }
  for (let round = 0; round < rounds; ++round) {
    for (const server of servers) {
      const rate = figures(server, 'closed 64').perSecond / 2;
      note(server, 'half', await load(server, { connections: 64, rate }));
    }
  }
  const handled = Number(await (await fetch(new URL('handled', sdk.url))).text());
  const sent = (await (await fetch(new URL('_sim/messages', service.simulator.url))).json()).seq;

  const rows = [];
  for (const shape of [...closed.map((n) => `closed ${n}`), 'half']) {
    const base = figures(sdk, shape).perCpuSecond;
    for (const server of servers) {
      const f = figures(server, shape);
      const title = shape === 'half' ? `64 connections, ${whole(f.perSecond)}/s (half of its own)` : `${shape.slice(7)} connection${shape === 'closed 1' ? '' : 's'}, closed loop`;
      rows.push([title, server.name, whole(f.perSecond), f.cpuUs.toFixed(1), whole(f.perCpuSecond), whole(f.p50), whole(f.p99), `${(f.perCpuSecond / base).toFixed(2)}`]);
    }
  }
  console.log(`## Webhooks\n\nSigned, encrypted comments (\`/备注 N …\`) on ${whole(requests)} open requests, each with its card; medians of ${rounds} rounds of ${seconds} s.`);
  console.log(`Server on core ${serverCore}, load and the simulated platform on core ${loadCore}. What the service sends goes to the simulator (its limits allow little of it);`);
  console.log(`that work and the writing of the log is in the service's figures. The SDK's handler ran ${whole(handled)} times, the simulator has seen ${whole(sent)} changes.\n`);
  table(['load', 'server', 'events/s', 'CPU µs/event', 'events per CPU second', 'p50 µs', 'p99 µs', 'per CPU, to Node SDK'], rows);

  const half = figures(service, 'half');
  console.log('## Disk and commits\n');
  table(
    ['figure', 'value'],
    [
      ['write + fdatasync of 4 KiB, median', `${whole(sync.sync_4k_us)} µs (${whole(sync.syncs_per_second)}/s)`],
      ['write + fdatasync of 64 KiB, median', `${whole(sync.sync_64k_us)} µs`],
      ['commits per event, 64 connections', (commits / events).toFixed(3)],
      ['units per commit, 64 connections', (units / commits).toFixed(1)],
      ['WAL bytes per event, 64 connections', whole((pages * pageBytes) / events)],
      ['p99 at half of saturation over the 4 KiB sync', (half.p99 / sync.sync_4k_us).toFixed(1)],
    ],
  );
  await stop(bare);
  await stop(sdk);
  await service.end();
}

// ---- d: many open requests ---------------------------------------------------------------------------------

async function manyRequests() {
  const service = new Service();
  await service.begin();
  const began = performance.now();
  service.fill({ copies: many - burst - 1 });
  const dueIn = 40;
  const due = performance.now() + dueIn * 1000;
  service.fill({ copies: burst, due: burst, dueIn });
  const filled = performance.now() - began;
  const starts = [];
  for (let i = 0; i < 3; ++i) {
    await service.start();
    starts.push(service.startMs);
    if (i < 2) await service.stop();
  }
  await pause(500);
  const rss = rssMb(service.pid);
  const rate = 1000;
  const calm = await load(service, { connections: 16, rate, duration: 4 });
  const wait = due - performance.now() - 1000;
  if (wait < 0) throw new Error('the burst came before the measurement; raise dueIn');
  await pause(wait);
  const before = await metrics(service.url);
  const stormy = await load(service, { connections: 16, rate, duration: 6 });
  const woken = async () => (await metrics(service.url)).xieban_wakes_total - before.xieban_wakes_total;
  const duringLoad = await woken();
  for (let i = 0; i < 600 && (await woken()) < burst; ++i) await pause(100);
  const after = await metrics(service.url);
  const size = statSync(join(service.folder, 'data', 'xieban.db')).size;
  const lag = (sum) => after[`xieban_wake_lag_seconds_${sum}`] - before[`xieban_wake_lag_seconds_${sum}`];
  const batches = lag('count');
  console.log(`## ${whole(many)} open requests\n\nMade by \`xieban-fill\` in ${(filled / 1000).toFixed(0)} s; database ${whole(size / 1e6)} MB. Then ${whole(burst)} fall due at one instant while comments arrive at ${rate}/s.\n`);
  table(
    ['figure', 'value'],
    [
      ['start to ready, median of 3', `${whole(median(starts))} ms`],
      ['RSS when ready', `${whole(rss)} MB`],
      ['RSS after the burst', `${whole(rssMb(service.pid))} MB`],
      [`webhook p50 / p99 at ${rate}/s, calm`, `${whole(calm.p50_us)} / ${whole(calm.p99_us)} µs`],
      [`webhook p50 / p99 at ${rate}/s, 6 s with the burst`, `${whole(stormy.p50_us)} / ${whole(stormy.p99_us)} µs (p99 × ${(stormy.p99_us / calm.p99_us).toFixed(1)})`],
      ['woken of the burst', `${whole(after.xieban_wakes_total - before.xieban_wakes_total)}, ${whole(duringLoad)} of them while comments came`],
      ['wake lag, mean over the batches', `${short((1000 * lag('sum')) / Math.max(1, batches))} ms (${batches} batches)`],
    ],
  );
  await service.end();
}

// ---- a hundred thousand timers of one instant ---------------------------------------------------------

async function timersAtOnce() {
  // The tests' own support finds its programs by the environment.
  Object.assign(process.env, { XIEBAN_BINARY: program('xieban'), XIEBAN_SIM: program('xieban-sim'), XIEBAN_FILL: program('xieban-fill') });
  const { atOneInstant, percentile } = await import('../process/timers.mjs');
  const came = await atOneInstant(many);
  const rows = [
    ['urgent ones queued, p99', percentile(came.urgent, 0.99), 2000],
    ['all of them queued', Math.max(came.urgent.at(-1), came.normal.at(-1)), 15000],
    [`webhook answered, p99 of ${came.webhooks.length}`, percentile(came.webhooks, 0.99), 2000],
  ];
  console.log(`## ${whole(many)} timers of one instant, one in ten urgent\n`);
  table(['figure', 'ms', 'target, ms', 'of the target'], rows.map(([what, ms, target]) => [what, whole(ms), whole(target), short(ms / target)]));
}

try {
  const model = cpus()[0].model;
  console.log(`# Benchmark, ${new Date().toISOString().slice(0, 10)}\n\n${cpus().length}-core VM (${model}), Node ${process.version}, load average ${execFileSync('cut', ['-d ', '-f1', '/proc/loadavg'], { encoding: 'utf8' }).trim()} before the run.\n`);
  for (const [name, run] of Object.entries({ webhooks, many: manyRequests, timers: timersAtOnce })) {
    if (!options.only || options.only === name) await run();
  }
} finally {
  stopAll();
}
