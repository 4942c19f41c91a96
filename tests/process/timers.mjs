// Many timers that are due at one instant, on the real binary with a real disk: the test looks at their order, the benchmark
// at how long they took.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { saidInPrivate, sealed, withCompany } from './feishu_support.mjs';

const fillProgram = process.env.XIEBAN_FILL ?? 'build/release/xieban-fill';

// Clocks of both kinds count every hour: the test runs on any day of the week.
const toml = `
[[type]]
id = "normal"
[[type.clock]]
id = "first_response"
target = "2h"
calendar = "natural"
ladder = [ { at = "50%", to = ["owner"], by = "private" }, { at = "100%", to = ["head"], by = "private" } ]
`;

const database = (company) => join(company.where, 'data', 'xieban.db');
const query = (company, sql) => execFileSync('sqlite3', ['-readonly', '-cmd', '.timeout 60000', database(company), sql], { maxBuffer: 1 << 28 }).toString().trim();
export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/**
 * Lets `timers` clocks fall due together, one in ten of them urgent as in a company that does not cry wolf, while somebody
 * goes on talking. What came of it: how long each waited [ms] of either kind in order, how many others came between the
 * urgent ones, and the webhooks' answers.
 */
export async function atOneInstant(timers) {
  const dueIn = Math.max(20, Math.ceil(timers / 2500));
  let came;
  await withCompany(async (company) => {
    // One of each kind, copied until there are enough; all fall due together.
    await company.say('韩梅梅', '/发起 普通的事 给技术部');
    await company.liveCard();
    await company.bot.kill('SIGTERM');
    const before = Date.now();
    const urgentOnes = timers / 10;
    const others = timers - urgentOnes;
    execFileSync(fillProgram, [database(company), '--copies', String(others), '--due', String(others), '--due-in', String(dueIn)]);
    await company.startBot();
    await company.say('韩梅梅', '/紧急 紧急的事 给技术部');
    await pause(1000);
    await company.bot.kill('SIGTERM');
    const left = Math.max(10, Math.ceil(dueIn - (Date.now() - before) / 1000));
    execFileSync(fillProgram, [database(company), '--copies', String(urgentOnes), '--due', String(urgentOnes), '--due-in', String(left)]);
    await company.startBot();

    // Somebody goes on talking while they fire.
    const answers = [];
    let stop = false;
    const talking = (async () => {
      for (let n = 0; !stop; ++n) {
        const { body, headers } = sealed(saidInPrivate('韩梅梅', `/备注 1 第 ${n} 条`, `om_t25_${n}`), { id: `ev_t25_${n}` });
        const start = performance.now();
        const answer = await fetch(new URL('hook/feishu/main', company.bot.url), { method: 'POST', body, headers });
        answers.push({ status: answer.status, ms: performance.now() - start });
        await pause(20);
      }
    })();
    // Asked of the bot, not of its database: to count a growing history once a second costs a core.
    const fired = async () => Number(/^xieban_wakes_total (\d+)/m.exec(await (await fetch(new URL('metrics', company.bot.url))).text())?.[1] ?? 0);
    const deadline = Date.now() + (left + 300) * 1000;
    while ((await fired()) < timers && Date.now() < deadline) await pause(1000);
    const kept = () => Number(query(company, "SELECT count(*) FROM history WHERE kind = 'rung_reached'"));
    while (kept() < timers && Date.now() < deadline) await pause(1000);
    stop = true;
    await talking;

    const rows = query(company, "SELECT h.at, json_extract(h.body, '$.due'), json_extract(r.body, '$.urgent') FROM history h JOIN request r ON r.id = h.aggregate WHERE h.kind = 'rung_reached'");
    const waited = { urgent: [], normal: [] };
    const normals = [];
    let urgentDue = 0;
    let urgentLast = 0;
    for (const line of rows.split('\n')) {
      const [at, due, urgent] = line.split('|').map(Number);
      assert.ok(due > 0, line);
      waited[urgent ? 'urgent' : 'normal'].push(at - due);
      if (!urgent) {
        normals.push(at);
      } else {
        // Copies share one instant; the request they were made from has its own, half an hour away.
        urgentDue = urgentDue === 0 ? due : Math.min(urgentDue, due);
        urgentLast = Math.max(urgentLast, at);
      }
    }
    for (const list of Object.values(waited)) list.sort((a, b) => a - b);
    came = {
      ...waited,
      expected: { urgent: urgentOnes, normal: others },
      overtaken: normals.filter((at) => at > urgentDue && at < urgentLast).length,
      statuses: answers.map((one) => one.status),
      webhooks: answers.map((one) => one.ms).sort((a, b) => a - b),
    };
  }, { toml });
  return came;
}
