// The command line: every command, its output and its exit codes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { eventually } from './dingtalk_support.mjs';
import { organisation, people } from './feishu_support.mjs';
import { Bot, folder, last, run } from './support.mjs';

const inFolder = async (body) => {
  const where = folder();
  try {
    await body(where);
  } finally {
    rmSync(where, { recursive: true, force: true });
  }
};

test('--version and --help', async () => {
  const version = await run(['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^xieban \d+\.\d+\.\d+ \([^)]+\)\n$/);
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /serve/);
});

test('wrong usage is 2, with the usage on stderr and nothing on stdout', async () => {
  for (const args of [[], ['nonsense'], ['serve', '--surprise'], ['check'], ['backup'], ['retry'], ['preview', '--type', 'normal']]) {
    const ended = await run(args);
    assert.equal(ended.code, 2, args.join(' '));
    assert.equal(ended.stdout, '');
    assert.match(ended.stderr, /Usage/);
  }
});

test('check: every problem at once, by line and key; the last line counts', async () => {
  await inFolder(async (where) => {
    const file = join(where, 'broken.toml');
    writeFileSync(
      file,
      [
        '[server]',
        'listen = 8080',
        'surprise = true',
        '[[department]]',
        'id = "tech"',
        'name = "技术部"',
        'head = "nobody"',
        '[[type]]',
        'id = "normal"',
        '[[type.clock]]',
        'id = "first_response"',
        'target = "-2h"',
        '[[feishu]]',
        'id = "main"',
        'app_id = "cli_1"',
        'app_secret = "plain text"',
      ].join('\n'),
    );
    const checked = await run(['check', '--config', file]);
    assert.equal(checked.code, 1, checked.stdout + checked.stderr);
    const lines = checked.stdout.trim().split('\n');
    const counted = /^(\d+) errors, (\d+) warnings$/.exec(lines.at(-1));
    assert.ok(counted);
    assert.equal(Number(counted[1]) + Number(counted[2]), lines.length - 1);
    const found = lines.slice(0, -1).map((line) => /^(.*?):(\d+):(\d+): (error|warning): ([^ ]+): .+$/.exec(line));
    assert.ok(found.every(Boolean), checked.stdout);
    assert.deepEqual(found.map((one) => Number(one[2])), found.map((one) => Number(one[2])).sort((a, b) => a - b));
    for (const key of ['server.listen', 'server.surprise', 'department[0].head', 'app_secret', 'target']) {
      assert.ok(found.some((one) => one[5].includes(key)), `${key} is named:\n${checked.stdout}`);
    }
    assert.equal((await run(['check', '--config', join(where, 'absent.toml')])).code, 3);
    assert.equal((await run(['serve', '--config', file, '--data', join(where, 'data')])).code, 1);
  });
});

/** The variables that the example names, all with this value. */
const variables = (value) => Object.fromEntries([...readFileSync('config/xieban.example.toml', 'utf8').matchAll(/env = "([A-Z0-9_]+)"/g)].map((found) => [found[1], value]));

test('check: the example loads as it is, with its variables set or not; serve needs them, what reads the store or previews does not', async () => {
  const example = ['--config', 'config/xieban.example.toml'];
  const checked = await run(['check', ...example], { env: variables('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG') });
  assert.equal(checked.code, 0, checked.stdout);
  assert.match(checked.stdout, /^0 errors, \d+ warnings$/m);
  assert.doesNotMatch(checked.stdout, /not set/);

  const env = variables(undefined);
  const unset = await run(['check', ...example], { env });
  assert.equal(unset.code, 0, unset.stdout);
  assert.match(unset.stdout, /: warning: feishu\[0\]\.app_secret: FEISHU_APP_SECRET is not set here: serve needs it\n/);
  await inFolder(async (where) => {
    const data = join(where, 'data');
    const served = await run(['serve', ...example, '--data', data, '--listen', '127.0.0.1:0'], { env });
    assert.equal(served.code, 1);
    assert.match(served.stderr, /: error: feishu\[0\]\.app_secret: the environment variable FEISHU_APP_SECRET is not set/);
    assert.ok(!existsSync(data));
    const previewed = await run(['preview', ...example, '--type', 'urgent', '--raised-at', '2026-11-20T17:00:00+08:00'], { env });
    assert.equal(previewed.code, 0, previewed.stderr);
    await (await new Bot(data).start()).kill('SIGTERM');
    const copied = await run(['backup', join(where, 'copy.db'), ...example, '--data', data], { env });
    assert.equal(copied.code, 0, copied.stderr);
  });
});

test('a file with errors is 1 for every command that reads it', async () => {
  await inFolder(async (where) => {
    const file = join(where, 'broken.toml');
    writeFileSync(file, '[server]\nsurprise = true\n');
    const commands = [['serve'], ['backup', join(where, 'copy.db')], ['verify-history'], ['retry', 'parcel:1']];
    for (const args of commands) {
      const ended = await run([...args, '--config', file, '--data', join(where, 'data')]);
      assert.equal(ended.code, 1, args[0]);
      assert.match(ended.stderr, /broken\.toml:2:1: error: server\.surprise: unknown key/, args[0]);
      assert.equal((await run([...args, '--config', join(where, 'absent.toml'), '--data', join(where, 'data')])).code, 3, args[0]);
    }
    const previewed = await run(['preview', '--config', file, '--type', 'normal', '--raised-at', '2026-11-20T17:00:00+08:00']);
    assert.equal(previewed.code, 1);
    assert.ok(!existsSync(join(where, 'data')));
  });
});

test('when: one expression, its echo, its errors', async () => {
  const now = ['--now', '2026-11-20T10:00:00+08:00'];
  const good = await run(['when', ...now, '明天下午5点']);
  assert.equal(good.code, 0);
  assert.equal(good.stdout.split('\n')[0], '2026-11-21T17:00:00+08:00');
  assert.match(good.stdout, /warning: non_working_day/);
  const words = await run(['when', ...now, '12月10日', '18:00']);
  assert.equal(words.stdout.split('\n')[0], '2026-12-10T18:00:00+08:00');
  const bad = await run(['when', ...now, '2月30日']);
  assert.equal(bad.code, 1);
  assert.equal(bad.stdout.split('\n')[0], 'ERROR:invalid_date');
  assert.equal((await run(['when', '--calendar', 'nowhere', '明天'])).code, 2);
});

test('when --tsv: one line out for each line in, whatever they hold', async () => {
  const input = ['2026-11-20T10:00:00+08:00\t明天18点', 'nonsense\t明天', '2026-11-20T10:00:00+08:00\t', '2026-11-20T17:30:00+08:00\t2小时\tzh\turgency=urgent'].join('\n');
  const out = await run(['when', '--tsv'], { input });
  assert.equal(out.code, 0);
  const lines = out.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^2026-11-21T18:00:00\+08:00\t/);
  assert.match(lines[1], /^ERROR:row/);
  assert.match(lines[2], /^ERROR:empty/);
  assert.match(lines[3], /^2026-11-20T19:30:00\+08:00/);
});

test('worktime --tsv: the rows of the specification', async () => {
  const rows = readFileSync('tests/core/working_time_examples.tsv', 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split('\t'));
  const out = await run(['worktime', '--tsv'], { input: rows.map((row) => row.slice(0, 4).join('\t')).join('\n') });
  assert.equal(out.code, 0);
  assert.deepEqual(out.stdout.trimEnd().split('\n'), rows.map((row) => row[4]));
});

test('preview: the whole ladder of a type, and it ends', async () => {
  const shown = await run(['preview', '--config', 'config/xieban.example.toml', '--type', 'urgent', '--raised-at', '2026-11-20T17:00:00+08:00']);
  assert.equal(shown.code, 0, shown.stderr);
  const lines = shown.stdout.trimEnd().split('\n');
  assert.match(lines[0], /^#/);
  assert.ok(lines.length > 5);
  for (const line of lines.slice(1)) {
    const fields = line.split('\t');
    assert.equal(fields.length, 8, line);
    assert.ok(['group', 'private', 'urgent'].includes(fields[6]), line);
  }
});

test('backup while serving, restore elsewhere, pending sends held, history verified, a second serve refused', async () => {
  await inFolder(async (where) => {
    const data = join(where, 'data');
    const bot = await new Bot(data).start();
    const world = await bot.world();
    const chat = world.chats[0].id;
    const raised = await bot.say(chat, world.people[0].id, '/发起 备份演练 给技术部 截止 后天18点');
    const number = last(raised.messages, (one) => one.chat === chat && one.kind === 'card').request;
    const file = join(where, 'copy.db');
    const copied = await run(['backup', file, '--data', data]);
    assert.equal(copied.code, 0, copied.stderr);
    assert.match(copied.stdout, /^ok .+ \d+ sha256:[0-9a-f]{64}\n$/);
    assert.equal((await run(['backup', file, '--data', data])).code, 3, 'an existing file is never overwritten');
    const second = await run(['serve', '--data', data, '--listen', '127.0.0.1:0']);
    assert.equal(second.code, 3, 'a second serve on the same file');

    const other = join(where, 'other');
    const restored = await run(['restore', file, '--data', other]);
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /^restored \S+, \d+ sends held\n$/);
    assert.equal((await run(['restore', file, '--data', other])).code, 3, 'a target that is not empty');
    const verified = await run(['verify-history', '--data', other]);
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(verified.stdout, /^ok \d+ entries, 1 chains, anchor sha256:[0-9a-f]{64}\n$/);

    const twin = await new Bot(other).start();
    const shown = await twin.say(`p:${world.people[0].id}`, world.people[0].id, `/查看 ${Number(number.slice(-4))}`);
    assert.ok(shown.messages.some((one) => one.text.includes('备份演练')));
    await twin.kill();
    assert.equal((await run(['retry', 'parcel:999999', '--data', data])).code, 3, 'nothing of that name');
    await bot.kill();
  });
});

test('verify-history names the entry that somebody changed', async () => {
  await inFolder(async (where) => {
    const data = join(where, 'data');
    const bot = await new Bot(data).start();
    const world = await bot.world();
    await bot.say(world.chats[0].id, world.people[0].id, '/发起 审计演练 给技术部 截止 后天18点');
    await bot.kill('SIGTERM');
    const { execFileSync } = await import('node:child_process');
    execFileSync('sqlite3', [join(data, 'xieban.db'), 'update history set body = replace(body, \'审计演练\', \'另一件事\') where seq = 1']);
    const verified = await run(['verify-history', '--data', data]);
    assert.equal(verified.code, 1);
    assert.match(verified.stdout, /^bad XB-\d{4}-0001 entry 1: .+/m);
  });
});

test('serve: bad port, remote playground, missing store', async () => {
  await inFolder(async (where) => {
    assert.equal((await run(['serve', '--data', join(where, 'a'), '--listen', '0.0.0.0:0'])).code, 3, 'the playground has no login');
    for (const listen of ['nonsense', 'localhost:8080', '127.0.0.1:notaport', '127.0.0.1:70000', '127.0.0.1', ':8080', '::1:8080']) {
      const refused = await run(['serve', '--data', join(where, 'b'), '--listen', listen]);
      assert.equal(refused.code, 2, `${listen}: ${refused.stderr}`);
      assert.match(refused.stderr, /--listen: "[^"]*" is not ADDRESS:PORT with a numeric address[^]*Usage/, listen);
      assert.equal(refused.stdout, '', listen);
    }
    assert.ok(!existsSync(join(where, 'b')), 'before anything is made');
    // An address of the documentation's: well formed, and nobody's here.
    const file = join(where, 'xieban.toml');
    writeFileSync(file, organisation('feishu:main', people));
    assert.equal((await run(['serve', '--config', file, '--data', join(where, 'c'), '--listen', '192.0.2.1:8080'])).code, 3, 'cannot be had');
    writeFileSync(join(where, 'file'), '');
    assert.equal((await run(['serve', '--data', join(where, 'file'), '--listen', '127.0.0.1:0'])).code, 3);
    mkdirSync(join(where, 'junk'));
    writeFileSync(join(where, 'junk', 'xieban.db'), 'this is no database, '.repeat(200));
    const broken = await run(['serve', '--data', join(where, 'junk'), '--listen', '127.0.0.1:0']);
    assert.equal(broken.code, 3);
    assert.ok(broken.stderr.length > 10, 'says why');
  });
});

test('SIGHUP: good rules come into force, a bad file keeps the old ones', async () => {
  await inFolder(async (where) => {
    const file = join(where, 'xieban.toml');
    copyFileSync('config/sample.toml', file);
    const bot = await new Bot(join(where, 'data'), ['--config', file]).start();
    const before = (await bot.world()).people.length;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}\n[[person]]\nid = "new.one"\nname = "新同事"\ndepartment = "tech"\nidentities = { "playground:main" = "new.one" }\n`);
    bot.child.kill('SIGHUP');
    await eventually(async () => (await bot.world()).people.length === before + 1, 'the new rules');
    writeFileSync(file, `${text}\nnonsense = 1\n`);
    bot.child.kill('SIGHUP');
    await eventually(() => bot.log.includes('kept the old one'), 'a bad file is said');
    assert.equal((await bot.world()).people.length, before + 1);
    await bot.kill();
  });
});

test('--playground: whoever the file names is themselves there, after SIGHUP as well', async () => {
  await inFolder(async (where) => {
    const file = join(where, 'xieban.toml');
    writeFileSync(file, organisation('feishu:main', people));
    const bot = await new Bot(join(where, 'data'), ['--config', file, '--playground']).start();
    const [han, zhao] = [people['韩梅梅'][0], people['赵技'][0]];
    await bot.say('g-all', han, '/发起 自己的演练场 给技术部 截止 后天18点');
    const mine = async () => (await bot.say(`p:${zhao}`, zhao, '/我的')).messages.map((one) => one.text).join('\n');
    assert.match(await mine(), /自己的演练场/);
    bot.child.kill('SIGHUP');
    await eventually(() => /"config\.reload".*"ok"/.test(bot.log), 'the same rules again');
    assert.match(await mine(), /自己的演练场/);
    await bot.kill();
  });
});

test('daily copies go to a folder beside the configuration file, however that is named; without one, below --data', async () => {
  await inFolder(async (where) => {
    const conf = join(where, 'conf');
    mkdirSync(conf);
    const file = join(conf, 'xieban.toml');
    const text = readFileSync('config/sample.toml', 'utf8');
    assert.doesNotMatch(text, /^\[storage\]/m);
    writeFileSync(file, `${text}\n[storage]\nbackup = { folder = "copies", at = "00:00" }\n`);
    const named = relative(process.cwd(), file);
    assert.ok(named.startsWith('..'));
    const bot = await new Bot(join(where, 'data'), ['--config', named]).start();
    const copies = (folder) => existsSync(folder) && readdirSync(folder).some((name) => /^xieban-.*\.db$/.test(name));
    const madeIn = (one, folder) =>
      eventually(async () => {
        await one.clock({ advance: 'P1D' });
        return copies(folder);
      }, `a copy in ${folder}`);
    await madeIn(bot, join(conf, 'copies'));
    assert.deepEqual(readdirSync(where).sort(), ['conf', 'data']);
    assert.ok(!existsSync(join(where, 'data', 'copies')));
    await bot.kill();
    const sample = await new Bot(join(where, 'sample')).start();
    await sample.call('reset', { now: '2026-11-23T09:00:00+08:00' });
    await madeIn(sample, join(where, 'sample', 'backup'));
    await sample.kill();
  });
});

test('/, /healthz, /readyz, /metrics and what does not exist', async () => {
  await inFolder(async (where) => {
    const bot = await new Bot(join(where, 'data')).start();
    const root = await fetch(bot.url, { redirect: 'manual' });
    assert.equal(root.status, 302);
    assert.equal(root.headers.get('location'), '/playground/');
    assert.deepEqual([(await bot.get('healthz')).status, (await bot.get('healthz')).body], [200, 'ok']);
    const ready = await bot.get('readyz');
    assert.equal(ready.status, 200);
    const body = JSON.parse(ready.body);
    assert.equal(body.ready, true);
    assert.equal(body.store, 'ok');
    assert.deepEqual([Array.isArray(body.streams), Array.isArray(body.budget), Array.isArray(body.warnings)], [true, true, true]);
    assert.deepEqual(Object.keys(body.outbox).sort(), ['oldest_s', 'waiting']);
    assert.match((await bot.get('metrics')).body, /^# TYPE xieban_/m);
    for (const path of ['nowhere', 'board', 'r/1', 'login', 'files/abc']) assert.equal((await bot.get(path)).status, 404, path);
    for (const path of ['hook/feishu/nobody', 'hook/dingtalk/nobody/robot', 'hook/wecom/nobody/app']) {
      const answer = await fetch(new URL(path, bot.url), { method: 'POST', body: '{}' });
      assert.deepEqual([answer.status, await answer.text()], [404, ''], path);
    }
    await bot.kill();
  });
});
