// `xieban check --online` against the simulators of Feishu, DingTalk and WeCom: what is wrong with the app is named with its place in the file and
// what to do, and nobody sees that somebody asked.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { dingtalk, secrets as dingtalkSecrets } from './dingtalk_support.mjs';
import { feishu, freePort, group, people, secrets, withCompany } from './feishu_support.mjs';
import { run } from './support.mjs';
import { secrets as wecomSecrets, wecom } from './wecom_support.mjs';

const every = [
  'im:message:send_as_bot',
  'im:message.urgent',
  'im:message.group_at_msg:readonly',
  'im:message.p2p_msg:readonly',
  'im:chat:readonly',
  'im:chat.members:read',
  'contact:contact.base:readonly',
  'im:chat:create',
  'im:chat.members:write_only',
  'im:chat.announcement:write_only',
  'contact:user.base:readonly',
  'contact:user.department:readonly',
  'contact:user.employee:readonly',
  'contact:department.base:readonly',
  'contact:department.organize:readonly',
];

/** Changes the app of the simulator's world. */
async function change(company, what) {
  const { apps } = await company.control('world');
  await company.control('world', { apps: [{ ...apps[0], ...what }] }, 'PUT');
}
/** {code, problems: lines about the platform, last} */
async function check(company, env = {}) {
  const ran = await run(['check', '--config', company.configFile, '--online'], { env: { ...company.kit.environment, ...env } });
  const lines = ran.stdout.trim().split('\n');
  for (const secret of [...secrets, ...dingtalkSecrets, ...wecomSecrets]) assert.ok(!(ran.stdout + ran.stderr).includes(secret), 'no secret in what is printed');
  return { code: ran.code, problems: lines.slice(0, -1).filter((line) => /: (feishu|dingtalk|wecom|person|group|department)\[/.test(line)), last: lines.at(-1), all: ran.stdout + ran.stderr };
}
/** The line on which the file says that. */
function lineOf(company, text) {
  const lines = readFileSync(company.configFile, 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}
/** Without this variable the file itself is fine, and the platform is not asked. */
async function checkWithout(company, variable, key) {
  const { code, problems, all } = await check(company, { [variable]: undefined });
  assert.equal(code, 1, all);
  const at = `${company.configFile}:${lineOf(company, variable)}:`;
  assert.ok(problems.some((one) => one.startsWith(at) && one.endsWith(`: warning: ${key}: ${variable} is not set here: serve needs it`)), all);
  assert.ok(problems.some((one) => one.startsWith(at) && one.includes(`: error: ${key}: the platform cannot be asked without this secret`)), all);
  assert.equal(problems.length, 2, all);
  assert.deepEqual((await company.received()).filter((one) => one.path !== '/'), [], 'nothing was asked');
}
const withApp = (body) => withCompany(body, { bot: false });

test('an app in order: no problem, exit 0, and nobody saw the check', async () => {
  await withApp(async (company) => {
    await change(company, { scopes: every });
    const { code, problems, last, all } = await check(company);
    assert.deepEqual(problems, [], all);
    assert.equal(code, 0, all);
    assert.match(last, /^0 errors, /);
    assert.deepEqual(await company.messages(), []);
    for (const request of await company.received()) assert.ok(request.status < 500, JSON.stringify(request));
  });
});

test('each missing scope is named, at the app, with what goes wrong without it', async () => {
  await withApp(async (company) => {
    const cases = {
      'im:message:send_as_bot': [1, /cannot send anything/],
      'im:message.urgent': [0, /without 加急/],
      'im:message.group_at_msg:readonly': [1, /in groups does not arrive/],
      'im:message.p2p_msg:readonly': [1, /in private does not arrive/],
      'im:chat:readonly': [0, /added to a group or removed/],
      'contact:contact.base:readonly': [0, /cannot be checked/],
      'im:chat:create': [0, /no group of their own/],
      'im:chat.members:write_only': [0, /joins a request later/],
      'im:chat.announcement:write_only': [0, /no announcement/],
      'contact:user.base:readonly': [0, /have no names/],
      'contact:user.department:readonly': [0, /no department/],
      'contact:user.employee:readonly': [0, /who has left/],
      'contact:department.base:readonly': [0, /departments have no names/],
      'contact:department.organize:readonly': [0, /does not get its leader/],
    };
    const line = lineOf(company, '[[feishu]]');
    for (const [scope, [exit, without]] of Object.entries(cases)) {
      await change(company, { scopes: every.filter((one) => one !== scope) });
      const { code, problems, all } = await check(company);
      assert.equal(code, exit, `${scope}: ${all}`);
      assert.ok(problems.length > 0, `${scope}: ${all}`);
      for (const problem of problems) {
        assert.ok(problem.startsWith(`${company.configFile}:${line}:`), problem);
        assert.match(problem, exit === 1 ? /: error: feishu\[0\]: missing / : /: warning: feishu\[0\]: missing /);
        assert.ok(problem.includes(scope), problem);
        assert.match(problem, /权限管理/);
      }
      assert.ok(problems.some((problem) => without.test(problem)), `${scope}: ${problems}`);
    }
    await change(company, { scopes: [] });
    const none = await check(company);
    assert.equal(none.code, 1);
    for (const scope of every) assert.ok(none.problems.some((problem) => problem.includes(scope)), `${scope} in\n${none.all}`);
    assert.deepEqual(await company.messages(), []);
  });
});

test('the scope of mirrored tasks is asked for where the mirror is on', async () => {
  await withApp(async (company) => {
    await change(company, { scopes: every });
    const text = readFileSync(company.configFile, 'utf8');
    writeFileSync(company.configFile, text.replace('bot_name = "协办"\n', 'bot_name = "协办"\nmirror_tasks = true\n'));
    const { code, problems } = await check(company);
    assert.equal(code, 0);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], /: warning: feishu\[0\]: missing one of the scopes task:task:write, task:task:writeonly: .*lists of tasks; add one of them under 权限管理/);
    for (const scope of ['task:task:write', 'task:task:writeonly']) {
      await change(company, { scopes: [...every, scope] });
      assert.deepEqual((await check(company)).problems, []);
    }
    assert.deepEqual((await company.control('world')).tasks, []);
  });
});

test('one of several scopes is enough, and the fault of a single call is read as the platform writes it', async () => {
  await withApp(async (company) => {
    await change(company, { scopes: [...every.slice(1), 'im:message'] });
    assert.equal((await check(company)).code, 0);
    await change(company, { scopes: every });
    await company.fault({ match: { path: '/urgent_app' }, times: 1, do: 'business', code: 99991672 });
    const { problems } = await check(company);
    assert.equal(problems.length, 1);
    assert.match(problems[0], /missing scope im:message\.urgent/);
  });
});

test('a wrong secret and a wrong app id are named at their own lines', async () => {
  await withApp(async (company) => {
    const secret = await check(company, { FEISHU_APP_SECRET: 'not-the-secret' });
    assert.equal(secret.code, 1);
    assert.equal(secret.problems.length, 1, secret.all);
    assert.ok(secret.problems[0].startsWith(`${company.configFile}:${lineOf(company, 'app_secret =')}:`), secret.problems[0]);
    assert.match(secret.problems[0], /error: feishu\[0\]\.app_secret: .*10015/);
    assert.ok(!secret.all.includes('not-the-secret'));

    const text = readFileSync(company.configFile, 'utf8');
    for (const [id, number] of [['cli_0000000000000000', 10014], ['nonsense', 10003]]) {
      writeFileSync(company.configFile, text.replace(/app_id = ".*"/, `app_id = "${id}"`));
      const { code, problems } = await check(company);
      assert.equal(code, 1);
      assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, 'app_id =')}:`), problems[0]);
      assert.match(problems[0], new RegExp(`error: feishu\\[0\\]\\.app_id: .*${number}`));
    }
  });
});

test('a host that cannot be reached is named with port and reason; the check cannot tell more', async () => {
  await withApp(async (company) => {
    const port = await freePort();
    const text = readFileSync(company.configFile, 'utf8');
    writeFileSync(company.configFile, text.replace(/api_base = ".*"/, `api_base = "http://127.0.0.1:${port}"`));
    const { code, problems, all } = await check(company);
    assert.equal(code, 3, all);
    assert.equal(problems.length, 1, all);
    assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, 'api_base =')}:`), problems[0]);
    assert.match(problems[0], new RegExp(`error: feishu\\[0\\]\\.api_base: cannot reach 127\\.0\\.0\\.1:${port}: .*refused`, 'i'));
  });
});

test('what is no answer of the platform is said to be none', async () => {
  await withApp(async (company) => {
    await company.fault({ match: { path: 'tenant_access_token' }, times: 1, do: 'status', status: 404 });
    const { code, problems } = await check(company);
    assert.equal(code, 1);
    assert.match(problems[0], /feishu\[0\]\.api_base: HTTP 404/);
  });
});

test('a bot that is switched off, and one that is not active', async () => {
  await withApp(async (company) => {
    await change(company, { bot: false });
    const off = await check(company);
    assert.equal(off.code, 1);
    assert.equal(off.problems.length, 1, off.all);
    assert.match(off.problems[0], /feishu\[0\]: the bot ability is off; enable 机器人/);
    await change(company, { bot: true, activate_status: 1 });
    const disabled = await check(company);
    assert.equal(disabled.code, 1);
    assert.match(disabled.problems[0], /activate_status 1/);
  });
});

test('an app whose secret is not set here cannot be asked, and that is said', async () => {
  await withApp((company) => checkWithout(company, 'FEISHU_APP_SECRET', 'feishu[0].app_secret'));
  await withDingTalk((company) => checkWithout(company, 'DINGTALK_CLIENT_SECRET', 'dingtalk[0].client_secret'));
  await withWeCom((company) => checkWithout(company, 'WECOM_APP_SECRET', 'wecom[0].app.secret'));
});

/** Over the long connection, with every scope. */
const withStream = (body) =>
  withCompany(
    async (company) => {
      await change(company, { scopes: every });
      await body(company);
    },
    { kit: feishu('stream'), bot: false },
  );

test('the long connection: where it would go is asked and knocked at, and nothing is connected', async () => {
  await withStream(async (company) => {
    const { code, problems, all } = await check(company);
    assert.deepEqual(problems, [], all);
    assert.equal(code, 0, all);
    assert.equal((await company.received('/callback/ws/endpoint')).length, 1);
    assert.ok((await company.received()).some((one) => one.method === 'GET' && one.path === '/'), 'the gateway was knocked at');
    assert.deepEqual(await company.received('/ws/v2'), []);
  });
  await withApp(async (company) => {
    await change(company, { scopes: every });
    await check(company);
    assert.deepEqual(await company.received('/callback/ws/endpoint'), [], 'over callbacks it is of no matter');
  });
});

test('the long connection: each refusal is named at the line that is wrong, with what to do', async () => {
  await withStream(async (company) => {
    const cases = [
      [{ do: 'business', status: 200, code: 514 }, 'app_secret', /error: .*514.*compare 凭证与基础信息/],
      [{ do: 'business', status: 200, code: 403 }, 'app_secret', /error: .*403.*compare 凭证与基础信息/],
      [{ do: 'business', status: 200, code: 1000040350 }, 'transport', /error: .*50 connections already/],
      [{ do: 'business', status: 200, code: 1000040351 }, 'api_base', /error: .*the other of Feishu and Lark/],
      [{ do: 'business', status: 200, code: 99 }, 'transport', /error: .*企业自建应用/],
      [{ do: 'business', status: 200, code: 1 }, 'transport', /warning: .*busy/],
      [{ do: 'business', status: 200, code: 1000040343 }, 'transport', /warning: .*busy/],
      [{ do: 'business', status: 200, code: 0 }, 'transport', /error: .*without a wss:/],
      [{ do: 'status', status: 502 }, 'api_base', /error: .*HTTP 502/],
    ];
    for (const [fault, key, says] of cases) {
      await company.fault({ match: { path: '/callback/ws/endpoint' }, times: 1, ...fault });
      const { code, problems, all } = await check(company);
      assert.equal(problems.length, 1, all);
      assert.equal(code, says.source.startsWith('error') ? 1 : 0, all);
      assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, `${key} =`)}:`), problems[0]);
      assert.ok(problems[0].includes(`feishu[0].${key}: `), problems[0]);
      assert.match(problems[0], says);
    }
  });
});

test('the long connection: a gateway that cannot be reached is named with its port', async () => {
  await withStream(async (company) => {
    const port = await freePort();
    const bootstrap = http.createServer((request, response) => response.end(JSON.stringify({ code: 0, data: { URL: `ws://127.0.0.1:${port}/ws/v2?ticket=canary-of-the-ticket` } })));
    await new Promise((resolve) => bootstrap.listen(0, '127.0.0.1', resolve));
    try {
      const text = readFileSync(company.configFile, 'utf8');
      writeFileSync(company.configFile, `${text}stream_base = "http://127.0.0.1:${bootstrap.address().port}"\n`);
      const { code, problems, all } = await check(company);
      assert.equal(code, 3, all);
      assert.equal(problems.length, 1, all);
      assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, 'transport =')}:`), problems[0]);
      assert.match(problems[0], new RegExp(`feishu\\[0\\]\\.transport: cannot reach 127\\.0\\.0\\.1:${port}: `));
      assert.ok(!all.includes('canary-of-the-ticket'));
    } finally {
      bootstrap.close();
    }
  });
});

test('people and groups that the platform does not know are named at their own lines', async () => {
  await withApp(async (company) => {
    const text = readFileSync(company.configFile, 'utf8');
    const bound = `\n[[group]]\napp = "feishu:main"\nchat = "oc_gone"\n[[group]]\napp = "feishu:main"\nchat = "${group}"\n`;
    writeFileSync(company.configFile, text.replace(`"feishu:main" = "${people.李雷[1]}"`, '"feishu:main" = "ou_of_another_app"') + bound);
    const { code, problems, all } = await check(company);
    assert.equal(code, 1, all);
    assert.equal(problems.length, 2, all);
    const person = problems.find((problem) => problem.includes('ou_of_another_app'));
    assert.ok(person.startsWith(`${company.configFile}:${lineOf(company, 'ou_of_another_app')}:`), person);
    assert.match(person, /error: person\[\d+\]\.identities: /);
    const chat = problems.find((problem) => problem.includes('oc_gone'));
    assert.ok(chat.startsWith(`${company.configFile}:${lineOf(company, 'oc_gone')}:`), chat);
  });
});

test('a mobile number needs its scope, and somebody who has it', async () => {
  await withApp(async (company) => {
    const toml = `\n[[person]]\nid = "by.mobile"\nname = "孙配置"\ndepartment = "tech"\nmobile = "13800138000"\nidentities = {}\n`;
    writeFileSync(company.configFile, readFileSync(company.configFile, 'utf8') + toml);
    await change(company, { scopes: every });
    const scope = await check(company);
    assert.equal(scope.problems.length, 1, scope.all);
    assert.match(scope.problems[0], /warning: feishu\[0\]: missing scope contact:user\.id:readonly: .*find no accounts/);
    await change(company, { scopes: [...every, 'contact:user.id:readonly'] });
    const nobody = await check(company);
    assert.equal(nobody.problems.length, 1, nobody.all);
    assert.ok(nobody.problems[0].startsWith(`${company.configFile}:${lineOf(company, 'mobile = "13800138000"')}:`), nobody.problems[0]);
    assert.match(nobody.problems[0], /warning: person\[\d+\]\.mobile: nobody within 通讯录权限范围/);
    const { people: known } = await company.control('world');
    await company.control('world', { people: [...known, { id: 'ou_new', name: '孙配置', mobile: '13800138000', departments: ['od-tech'] }] }, 'PUT');
    assert.deepEqual((await check(company)).problems, []);
  });
});

// ---- DingTalk --------------------------------------------------------------------------------------------

// Checks one after the other are more calls a second than one check makes.
const withDingTalk = (body, transport = 'stream') => withCompany(body, { kit: dingtalk(transport), bot: false, limits: { api_per_second: 1000 } });
const dingtalkScopes = ['qyapi_robot_sendmsg', 'Card.Instance.Write', 'Premium.Ding.Write', 'qyapi_get_member', 'qyapi_get_department_list'];

for (const transport of ['stream', 'webhook']) {
  test(`DingTalk over ${transport}, an app in order: these scopes are enough, and nobody saw the check`, async () => {
    await withDingTalk(async (company) => {
      await change(company, { scopes: dingtalkScopes });
      const { code, problems, all } = await check(company);
      assert.deepEqual(problems, [], all);
      assert.equal(code, 0, all);
      assert.deepEqual(await company.messages(), []);
      for (const request of await company.received()) assert.ok(request.status < 500, JSON.stringify(request));
    }, transport);
  });
}

test('DingTalk: an old host that takes only its own tokens is asked with one of those', async () => {
  await withCompany(
    async (company) => {
      await change(company, { scopes: dingtalkScopes });
      const well = await check(company);
      assert.deepEqual(well.problems, [], well.all);
      assert.equal((await company.received('/gettoken')).length, 1);
      const text = readFileSync(company.configFile, 'utf8');
      writeFileSync(company.configFile, text.replace('"dingtalk:main" = "manager4321"', '"dingtalk:main" = "of_another_company"'));
      const { problems, all } = await check(company);
      assert.ok(problems.some((one) => /error: person\[\d+\]\.identities: of_another_company/.test(one)), all);
    },
    { kit: dingtalk('stream'), bot: false, limits: { api_per_second: 1000, oapi_own_tokens: 1 } },
  );
});

test('DingTalk: each missing scope is named, at its line, with what goes wrong without it; without any, all of them', async () => {
  await withDingTalk(async (company) => {
    const cases = {
      qyapi_robot_sendmsg: [1, /cannot send anything/],
      'Card.Instance.Write': [0, /texts with commands to type/],
      'Premium.Ding.Write': [0, /without DING/],
      qyapi_get_member: [0, /cannot be checked/],
      qyapi_get_department_list: [0, /cannot be looked up/],
    };
    assert.deepEqual(Object.keys(cases), dingtalkScopes);
    const line = lineOf(company, '[[dingtalk]]');
    for (const [scope, [exit, without]] of Object.entries(cases)) {
      await change(company, { scopes: dingtalkScopes.filter((one) => one !== scope) });
      const { code, problems, all } = await check(company);
      assert.equal(code, exit, `${scope}: ${all}`);
      assert.ok(problems.length > 0, `${scope}: ${all}`);
      for (const problem of problems) {
        assert.ok(problem.startsWith(`${company.configFile}:${line}:`), problem);
        assert.match(problem, exit === 1 ? /: error: dingtalk\[0\]: missing scope / : /: warning: dingtalk\[0\]: missing scope /);
        assert.ok(problem.includes(scope), problem);
        assert.match(problem, /权限管理/);
      }
      assert.ok(problems.some((problem) => without.test(problem)), `${scope}: ${problems}`);
    }
    await change(company, { scopes: [] });
    const none = await check(company);
    assert.equal(none.code, 1);
    for (const scope of dingtalkScopes) assert.ok(none.problems.some((problem) => problem.includes(scope)), `${scope} in\n${none.all}`);
    assert.deepEqual(await company.messages(), []);
  });
});

test('DingTalk: a wrong secret, a host out of reach, a template that is not published and a person nobody knows are named at their lines', async () => {
  await withDingTalk(async (company) => {
    const secret = await check(company, { DINGTALK_CLIENT_SECRET: 'not-the-secret' });
    assert.equal(secret.code, 1);
    assert.equal(secret.problems.length, 1, secret.all);
    assert.ok(secret.problems[0].startsWith(`${company.configFile}:${lineOf(company, 'client_secret =')}:`), secret.problems[0]);
    assert.match(secret.problems[0], /error: dingtalk\[0\]\.client_secret: .*invalidClientIdOrSecret/);
    assert.ok(!secret.all.includes('not-the-secret'));

    await change(company, { templates: {} });
    const { problems } = await check(company);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], /warning: dingtalk\[0\]\.card_template: .*param\.templateNotExist/);
    await change(company, { templates: undefined });

    const text = readFileSync(company.configFile, 'utf8');
    writeFileSync(company.configFile, text.replace('"dingtalk:main" = "manager4321"', '"dingtalk:main" = "of_another_company"'));
    const unknown = await check(company);
    assert.equal(unknown.code, 1, unknown.all);
    assert.ok(unknown.problems.some((one) => one.startsWith(`${company.configFile}:${lineOf(company, 'of_another_company')}:`)), unknown.all);

    const port = await freePort();
    writeFileSync(company.configFile, text.replace(/^api_base = ".*"/m, `api_base = "http://127.0.0.1:${port}"`));
    const away = await check(company);
    assert.equal(away.code, 3, away.all);
    assert.ok(away.problems[0].startsWith(`${company.configFile}:${lineOf(company, 'api_base =')}:`), away.problems[0]);
    assert.match(away.problems[0], new RegExp(`dingtalk\\[0\\]\\.api_base: cannot reach 127\\.0\\.0\\.1:${port}`));
  });
});

test('DingTalk: more people than the calls that a second allows are all checked', async () => {
  await withCompany(
    async (company) => {
      const text = readFileSync(company.configFile, 'utf8');
      const { people: known } = await company.control('world');
      const more = Array.from({ length: 40 }, (_, i) => `more${i}`);
      await company.control('world', { people: [...known, ...more.map((id) => ({ ...known[0], id, name: id }))] }, 'PUT');
      const persons = more.map((id) => `[[person]]\nid = "${id}"\nname = "${id}"\ndepartment = "tech"\nidentities = { "dingtalk:main" = "${id}" }\n`);
      writeFileSync(company.configFile, text.replace('[[dingtalk]]', `${persons.join('\n')}\n[[dingtalk]]`));
      const { code, problems, all } = await check(company);
      assert.deepEqual(problems, [], all);
      assert.equal(code, 0, all);
    },
    { kit: dingtalk('stream'), bot: false },
  );
});

test('DingTalk: the host of the long connection is knocked at, and named with its port when it cannot be reached', async () => {
  await withDingTalk(async (company) => {
    await change(company, { scopes: dingtalkScopes });
    await check(company);
    assert.ok((await company.received()).some((one) => one.method === 'GET' && one.path === '/'), 'the gateway was knocked at');
    assert.deepEqual(await company.received('/connect?'), [], 'and nothing is connected');

    const port = await freePort();
    const gateway = http.createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ endpoint: `ws://127.0.0.1:${port}/connect`, ticket: 'canary-of-the-ticket' }));
    });
    await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    try {
      const text = readFileSync(company.configFile, 'utf8');
      writeFileSync(company.configFile, `${text}stream_base = "http://127.0.0.1:${gateway.address().port}"\n`);
      const { code, problems, all } = await check(company);
      assert.equal(code, 3, all);
      assert.equal(problems.length, 1, all);
      assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, 'transport =')}:`), problems[0]);
      assert.match(problems[0], new RegExp(`dingtalk\\[0\\]\\.transport: cannot reach 127\\.0\\.0\\.1:${port}: `));
      assert.ok(!all.includes('canary-of-the-ticket'));
    } finally {
      gateway.close();
    }
  });
});

test('DingTalk: the directory is asked for although nobody is configured there, and a mobile number needs its scope and somebody who has it', async () => {
  await withDingTalk(async (company) => {
    const text = readFileSync(company.configFile, 'utf8').replaceAll(/identities = \{ "dingtalk:main" = "[^"]*" \}/g, 'identities = {}');
    writeFileSync(company.configFile, text);
    await change(company, { scopes: dingtalkScopes.filter((one) => one !== 'qyapi_get_member') });
    const people = await check(company);
    assert.equal(people.problems.length, 1, people.all);
    assert.match(people.problems[0], /warning: dingtalk\[0\]: missing scope qyapi_get_member: nobody is looked up/);

    const toml = `[[person]]\nid = "by.mobile"\nname = "孙配置"\ndepartment = "tech"\nmobile = "13800138000"\nidentities = {}\n`;
    writeFileSync(company.configFile, text.replace('[[dingtalk]]', `${toml}[[dingtalk]]`));
    await change(company, { scopes: dingtalkScopes });
    const scope = await check(company);
    assert.equal(scope.problems.length, 1, scope.all);
    assert.match(scope.problems[0], /warning: dingtalk\[0\]: missing scope qyapi_get_member_by_mobile: .*find no accounts/);
    await change(company, { scopes: [...dingtalkScopes, 'qyapi_get_member_by_mobile'] });
    const nobody = await check(company);
    assert.equal(nobody.problems.length, 1, nobody.all);
    assert.ok(nobody.problems[0].startsWith(`${company.configFile}:${lineOf(company, 'mobile = "13800138000"')}:`), nobody.problems[0]);
    assert.match(nobody.problems[0], /warning: person\[\d+\]\.mobile: nobody within/);
    const { people: known } = await company.control('world');
    await company.control('world', { people: [...known, { ...known[0], id: 'new01', name: '孙配置', mobile: '13800138000' }] }, 'PUT');
    assert.deepEqual((await check(company)).problems, []);
  });
});

// ---- WeCom -----------------------------------------------------------------------------------------------

const withWeCom = (body, how = {}) => withCompany(body, { kit: wecom(how), bot: false });
/** Changes a part of the company on the simulator. */
async function changeWeCom(company, part, what) {
  const { apps } = await company.control('world');
  await company.control('world', { apps: [{ ...apps[0], [part]: Array.isArray(what) ? what : { ...apps[0][part], ...what } }] }, 'PUT');
}
const whole = { whole_company: true };
function rewrite(company, change) {
  writeFileSync(company.configFile, change(readFileSync(company.configFile, 'utf8')));
}

for (const [name, how] of Object.entries({ 'bot and app': {}, 'bot, app and robots': { robots: true }, 'an app without callback': { app: 'quiet' }, 'callbacks': { transport: 'webhook', robots: true }, 'the bot alone': { app: 'none' } })) {
  test(`WeCom with ${name}, in order: nothing is wrong, and nobody saw the check`, async () => {
    await withWeCom(async (company) => {
      const { code, problems, all } = await check(company);
      assert.deepEqual(problems, [], all);
      assert.equal(code, 0, all);
      assert.deepEqual(await company.messages(), []);
      assert.deepEqual((await company.received('/aibot_')).length, 0, 'the one connection of the bot is left alone');
    }, how);
  });
}

test('WeCom: a host of the long connection out of reach is named, with the bot alone too', async () => {
  await withWeCom(async (company) => {
    const port = await freePort();
    rewrite(company, (text) => text.replace(/^stream_base = ".*"/m, `stream_base = "ws://127.0.0.1:${port}"`));
    const { code, problems, all } = await check(company);
    assert.equal(code, 3, all);
    assert.equal(problems.length, 1, all);
    assert.ok(problems[0].startsWith(`${company.configFile}:${lineOf(company, 'stream_base =')}:`), problems[0]);
    assert.match(problems[0], new RegExp(`wecom\\[0\\]\\.stream_base: cannot reach 127\\.0\\.0\\.1:${port}`));
  }, { app: 'none' });
});

test('WeCom: each thing that is missing at the app is named at its place', async () => {
  await withWeCom(async (company) => {
    const wrong = await check(company, { WECOM_APP_SECRET: 'not-the-secret' });
    assert.equal(wrong.code, 1, wrong.all);
    assert.equal(wrong.problems.length, 1, wrong.all);
    assert.match(wrong.problems[0], /error: wecom\[0\]\.app\.secret: .*40001/);
    assert.ok(!wrong.all.includes('not-the-secret'));

    const cases = [
      [{ trusted_ips: ['10.9.8.7'] }, { trusted_ips: undefined }, 1, /error: wecom\[0\]\.app: .*60020.*企业可信IP/],
      [{ agent_id: 1000028 }, { agent_id: 1000027 }, 1, /error: wecom\[0\]\.app\.agent_id: .*AgentId/],
      [{ closed: true }, { closed: false }, 1, /error: wecom\[0\]\.app: .*启用/],
      [{ callback: false }, { callback: true }, 0, /warning: wecom\[0\]\.app\.callback: .*48002.*接收消息/],
      [{ whole_company: false }, whole, 0, /warning: wecom\[0\]\.app: .*可见范围/],
    ];
    for (const [broken, mended, exit, words] of cases) {
      await changeWeCom(company, 'app', broken);
      const { code, problems, all } = await check(company);
      assert.equal(code, exit, `${JSON.stringify(broken)}: ${all}`);
      assert.ok(problems.some((one) => words.test(one)), `${JSON.stringify(broken)}: ${all}`);
      await changeWeCom(company, 'app', mended);
    }

    const { people: everybody } = await company.control('world');
    await company.control('world', { people: everybody.map((one) => ({ ...one, visible: false })) }, 'PUT');
    await changeWeCom(company, 'app', { whole_company: false });
    const hidden = await check(company);
    assert.equal(hidden.code, 1, hidden.all);
    assert.ok(hidden.problems.some((one) => /error: wecom\[0\]\.app: nobody is in the app's visible range/.test(one)), hidden.all);
    assert.deepEqual(await company.messages(), []);
  });
});

test('WeCom: people, departments and robots that the platform does not know are named at their own lines', async () => {
  await withWeCom(async (company) => {
    rewrite(company, (text) => text.replace('"wecom:main" = "LiLei"', '"wecom:main" = "of_another_company"').replace('id = "tech"\n', 'id = "tech"\nplatform_ids = { "wecom:main" = "987654" }\n').replace('id = "market"\n', 'id = "market"\nplatform_ids = { "wecom:main" = "100" }\n'));
    const { code, problems, all } = await check(company);
    assert.equal(code, 1, all);
    assert.equal(problems.length, 2, all);
    assert.ok(problems.some((one) => one.startsWith(`${company.configFile}:${lineOf(company, 'of_another_company')}:`) && /person\[\d+\]\.identities/.test(one)), all);
    assert.ok(problems.some((one) => one.startsWith(`${company.configFile}:${lineOf(company, '987654')}:`) && /department\[\d+\]\.platform_ids.*部门ID/.test(one)), all);

    const robots = await check(company, { WECOM_ROBOT_0: 'not-the-key' });
    assert.ok(robots.problems.some((one) => /error: wecom\[0\]\.webhooks: the robot of .*93000/.test(one)), robots.all);
    assert.ok(!robots.all.includes('not-the-key'));
    assert.deepEqual(await company.messages(), []);
  }, { robots: true });
});
