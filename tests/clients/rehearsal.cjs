// What the scripts of this folder share: each takes one third-party client, as it was published, through the same steps
// against a simulated exchange, and this module says which step was done and what went wrong.
//
//     NODE_PATH=.../node_modules NODE_EXTRA_CA_CERTS=ca.pem node ccxt.cjs ready.json
//
// The exchange's URLs, its certificate authority and the keys come from its ready file and from nowhere else. A step has a
// deadline, and so has the whole script. Exit status 0 only if every step was done.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');

const STEP_DEADLINE_MS = 20000;
const SCRIPT_DEADLINE_MS = 90000;

// What is traded, so that each script says the same in its client's words. The limit order is far from the market.
const trade = {
  symbol: 'BTCUSDT', quantity: '0.001', restingPrice: '50000', amendedQuantity: '0.0005',
};

class Rehearsal {
  constructor(readyFile) {
    this.ready = JSON.parse(fs.readFileSync(readyFile, 'utf8'));
    this.trade = trade;
    this.waiters = new Set();
  }

  // The account with that type of key; `privateKey` is its PEM text.
  account(keyType) {
    const account = this.ready.accounts.find((each) => each.key_type === keyType);
    assert.ok(account, `the exchange has an account with a key of type ${keyType}`);
    const path = account.private_key_path;
    return {key: account.api_key, secret: account.secret, privateKey: path && fs.readFileSync(path, 'utf8')};
  }

  // Runs one step, and tells that it was done.
  async step(name, action) {
    const started = Date.now();
    try {
      const result = await this.within(name, action());
      console.log(`done ${name} (${Date.now() - started} ms)`);
      return result;
    } catch (error) {
      throw new Error(`${name}: ${describe(error)}`, {cause: error});
    }
  }

  // The promise's value, or an error once the deadline has passed.
  within(what, promise, deadlineMs = STEP_DEADLINE_MS) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: not within ${deadlineMs} ms`)), deadlineMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  // Something has arrived: whoever waits in until() looks again.
  heard() {
    for (const look of this.waiters) look();
  }

  // Waits until condition() gives something true, looked at again with every heard(), and gives that.
  until(what, condition, deadlineMs = STEP_DEADLINE_MS) {
    let look;
    const met = new Promise((resolve, reject) => {
      look = () => {
        try {
          const value = condition();
          if (value) resolve(value);
        } catch (error) {
          reject(error);
        }
      };
    });
    this.waiters.add(look);
    look();
    return this.within(what, met, deadlineMs).finally(() => this.waiters.delete(look));
  }
}

// What clients throw is not always an Error.
function describe(error) {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const answer = error.response && error.response.data;
  return answer ? `${error.message}: ${JSON.stringify(answer)}` : error.message;
}

// The user data of one limit order that was placed and cancelled, and of one market order that was filled: exactly the
// executions they must have, in order, and balances after each. `reports` are executionReports as the exchange sends them.
function checkReports(reports, limitId, marketId) {
  const of = (id) => reports.filter((each) => each.i === id);
  const kinds = (id) => of(id).map((each) => `${each.x} ${each.X}`);
  assert.equal(kinds(limitId)[0], 'NEW NEW');
  assert.equal(kinds(limitId).at(-1), 'CANCELED CANCELED');
  const fills = of(marketId).filter((each) => each.x === 'TRADE');
  assert.equal(fills.at(-1).X, 'FILLED');
  assert.equal(fills.at(-1).z, '0.00100000');
  assert.equal(fills.at(-1).N, 'BTC');
}

// Runs `script(rehearsal)`. Clients keep sockets and timers, hence the exit.
function rehearse(script) {
  const watchdog = setTimeout(() => {
    console.error(`not done within ${SCRIPT_DEADLINE_MS} ms`);
    process.exit(1);
  }, SCRIPT_DEADLINE_MS);
  process.on('unhandledRejection', (error) => {
    console.error(`unhandled: ${describe(error)}`);
    process.exit(1);
  });
  script(new Rehearsal(process.argv[2])).then(
    () => {
      clearTimeout(watchdog);
      console.log('done everything');
      process.exit(0);
    },
    (error) => {
      console.error(error);
      process.exit(1);
    });
}

module.exports = {assert, checkReports, rehearse};
