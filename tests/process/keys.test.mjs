// T42: the keys of callbacks are changed over while events come: both are accepted as long as the old ones are kept.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { app as dingtalkApp, dingtalk } from './dingtalk_support.mjs';
import { credentials, feishu, withCompany } from './feishu_support.mjs';
import { self_built, tellApp, wecom } from './wecom_support.mjs';

const newAes = 'bmV3LWtleS1mb3ItdGVzdHMtb25seS0wMTIzNDU2Nzg';

/** `old`: what stands in the configuration; `changed`: the simulated app with new keys; `event`: something that is sealed with them. */
const platforms = {
  feishu: {
    kit: feishu('webhook'),
    old: { encrypt_key: 'FEISHU_ENCRYPT_KEY', verification_token: 'FEISHU_VERIFICATION_TOKEN' },
    changed: (app) => ({ ...app, encrypt_key: 'new-encrypt-key', verification_token: 'new-token' }),
    values: { encrypt_key: 'new-encrypt-key', verification_token: 'new-token' },
    secret: credentials.encrypt_key,
    event: (company, n) => company.say('韩梅梅', `/帮助 进度 ${n}`, { chat: 'private' }),
  },
  dingtalk: {
    kit: dingtalk('webhook'),
    old: { event_aes_key: 'DINGTALK_EVENT_AES_KEY', event_token: 'DINGTALK_EVENT_TOKEN' },
    changed: (app) => ({ ...app, event_aes_key: newAes, event_token: 'NewToken' }),
    values: { event_aes_key: newAes, event_token: 'NewToken' },
    secret: dingtalkApp.event_aes_key,
    event: (company) => company.control('events', { kind: 'chat_dissolved', chat: company.kit.group, user: company.kit.people.韩梅梅[1] }),
  },
  wecom: {
    kit: wecom(),
    old: { aes_key: 'WECOM_AES_KEY', token: 'WECOM_TOKEN' },
    changed: (app) => ({ ...app, app: { ...app.app, aes_key: newAes, token: 'NewToken' } }),
    values: { aes_key: newAes, token: 'NewToken' },
    secret: self_built.aes_key,
    event: (company, n) => tellApp(company, '韩梅梅', `/帮助 进度 ${n}`),
  },
};

for (const [platform, { kit, old, changed, values, secret, event }] of Object.entries(platforms)) {
  test(`T42 on ${platform}: keys are changed over without losing an event, and the old ones are worth nothing afterwards`, async () => {
    await withCompany(
      async (company) => {
        let n = 0;
        const accepted = async () => (await event(company, ++n)).deliveries.every((one) => one.status === 200);
        assert.ok(await accepted(), 'the keys of the beginning');

        const before = readFileSync(company.configFile, 'utf8');
        const renewed = (kept) =>
          Object.entries(old).reduce((text, [key, name]) => {
            process.env[`NEW_${name}`] = values[key];
            const stands = `${key} = { env = "${name}" }`;
            assert.ok(text.includes(stands), stands);
            // In a table of one line behind a comma, in a section on a line of its own.
            const between = text.includes(`, ${stands}`) ? ', ' : '\n';
            return text.replace(stands, `${key} = { env = "NEW_${name}" }${kept ? `${between}old_${stands}` : ''}`);
          }, before);
        const restart = async (text) => {
          await company.bot.kill('SIGTERM');
          writeFileSync(company.configFile, text);
          await company.startBot();
        };
        await restart(renewed(true));
        assert.ok(await accepted(), 'the platform has the old ones');
        const { apps } = await company.control('world');
        await company.control('world', { apps: apps.map(changed) }, 'PUT');
        assert.ok(await accepted(), 'the platform has the new ones');
        assert.ok(!company.bot.log.includes(secret) && !Object.values(values).some((one) => company.bot.log.includes(one)), 'no secret in the log');

        await restart(renewed(false));
        assert.ok(await accepted(), 'the old ones are gone');
        await company.control('world', { apps }, 'PUT');
        assert.deepEqual([...new Set((await event(company, ++n)).deliveries.map((one) => one.status))], [401], 'and open nothing');
      },
      { kit },
    );
  });
}
