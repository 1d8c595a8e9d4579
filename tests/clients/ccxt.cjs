// ccxt: REST and, as ccxt.pro, streams and the WebSocket API, with an HMAC key.
'use strict';

const {assert, checkReports, rehearse} = require('./rehearsal.cjs');

const SYMBOL = 'BTC/USDT';

rehearse(async (rehearsal) => {
  const {ready, trade} = rehearsal;
  const account = rehearsal.account('hmac');
  // Its CommonJS bundle requires ES modules, which Node.js 18 cannot do.
  const {default: ccxt} = await import('ccxt');
  const exchange = new ccxt.pro.binance({
    apiKey: account.key,
    secret: account.secret,
    options: {fetchMarkets: {types: ['spot']}, fetchCurrencies: false, fetchMargins: false},
    urls: {
      api: {
        public: `${ready.rest}/api/v3`,
        private: `${ready.rest}/api/v3`,
        v1: `${ready.rest}/api/v1`,
        sapi: `${ready.rest}/sapi/v1`,
        ws: {spot: `${ready.stream}/ws`, 'ws-api': {spot: ready.ws_api}},
      },
    },
  });
  const quantity = Number(trade.quantity);

  await rehearsal.step('markets', async () => {
    const market = (await exchange.loadMarkets())[SYMBOL];
    assert.equal(market.active, true);
    assert.equal(market.precision.price, 0.01);
    assert.equal(market.precision.amount, 0.00001);
    const book = await exchange.fetchOrderBook(SYMBOL, 5);
    assert.ok(book.bids.length === 5 && book.bids[0][0] < book.asks[0][0]);
    const candles = await exchange.fetchOHLCV(SYMBOL, '1m', undefined, 3);
    assert.equal(candles.length, 3);
    const ticker = await exchange.fetchTicker(SYMBOL);
    assert.ok(ticker.low <= ticker.last && ticker.last <= ticker.high && ticker.bid < ticker.ask);
    assert.deepEqual(Object.keys(await exchange.fetchTickers([SYMBOL, 'ETH/USDT'])).sort(), [SYMBOL, 'ETH/USDT']);
    const trades = await exchange.fetchTrades(SYMBOL, undefined, 5);
    assert.ok(trades.length > 0 && trades.every((each) => each.price > 0));
  });
  const before = await rehearsal.step('balance', async () => {
    const balance = await exchange.fetchBalance();
    assert.equal(balance.USDT.total, 100000);
    return balance;
  });

  await rehearsal.within('user data', exchange.authenticate({type: 'spot'}));
  const heard = {orders: [], trades: [], balances: 0};
  const closed = {now: false};
  // A client of ccxt.pro watches in a loop.
  const watch = async (next) => {
    while (!closed.now) {
      try {
        await next();
      } catch (error) {
        if (!closed.now) throw error;
      }
      rehearsal.heard();
    }
  };
  watch(async () => heard.orders.push(...(await exchange.watchOrders(SYMBOL)).map((each) => each.info)));
  watch(async () => heard.trades.push(...await exchange.watchMyTrades(SYMBOL)));
  watch(async () => {
    heard.balance = await exchange.watchBalance();
    heard.balances += 1;
  });

  const placed = await rehearsal.step('place', async () => {
    const order = await exchange.createOrder(SYMBOL, 'limit', 'buy', quantity, Number(trade.restingPrice),
      {clientOrderId: 'ccxt-limit'});
    assert.equal(order.status, 'open');
    assert.equal(order.clientOrderId, 'ccxt-limit');
    return order;
  });
  await rehearsal.step('see', async () => {
    const order = await exchange.fetchOrder(placed.id, SYMBOL);
    assert.equal(order.price, 50000);
    assert.deepEqual((await exchange.fetchOpenOrders(SYMBOL)).map((each) => each.id), [placed.id]);
    assert.equal((await exchange.fetchBalance()).USDT.used, 50);
  });
  const amended = await rehearsal.step('amend', async () => {
    const edited = await exchange.editOrder(placed.id, SYMBOL, 'limit', 'buy', Number(trade.amendedQuantity),
      Number(trade.restingPrice));
    const open = await exchange.fetchOpenOrders(SYMBOL);
    assert.deepEqual(open.map((each) => [each.id, each.amount]), [[edited.id, 0.0005]]);
    return edited;
  });
  await rehearsal.step('cancel', async () => {
    const order = await exchange.cancelOrder(amended.id, SYMBOL);
    assert.equal(order.status, 'canceled');
    assert.deepEqual(await exchange.fetchOpenOrders(SYMBOL), []);
  });

  const bought = await rehearsal.step('trades', async () => {
    const order = await exchange.createOrderWs(SYMBOL, 'market', 'buy', quantity);
    assert.equal(order.status, 'closed');
    const trades = (await exchange.fetchMyTrades(SYMBOL)).filter((each) => each.order === order.id);
    assert.equal(exchange.sum(...trades.map((each) => each.amount)), quantity);
    return order;
  });
  await rehearsal.step('user data', async () => {
    await rehearsal.until('balances, orders and trades', () => heard.balance && heard.balance.BTC &&
      heard.balance.BTC.total > before.BTC.total && heard.trades.length > 0 &&
      heard.orders.some((each) => each.X === 'FILLED'));
    // ccxt amends by replacing.
    checkReports(heard.orders, Number(placed.id), Number(bought.id));
    checkReports(heard.orders, Number(amended.id), Number(bought.id));
    assert.equal(heard.trades[0].order, bought.id);
  });

  await rehearsal.step('streams', async () => {
    const [trades, book, candles, quotes, ticker] = await Promise.all([
      exchange.watchTrades(SYMBOL), exchange.watchOrderBook(SYMBOL), exchange.watchOHLCV(SYMBOL, '1m'),
      exchange.watchBidsAsks([SYMBOL]), exchange.watchTicker(SYMBOL)]);
    assert.ok(ticker.low <= ticker.last && ticker.last <= ticker.high);
    assert.equal(trades[0].symbol, SYMBOL);
    assert.ok(book.bids[0][0] < book.asks[0][0]);
    assert.ok(candles[0][5] >= 0);
    assert.ok(quotes[SYMBOL].bid < quotes[SYMBOL].ask);
  });
  closed.now = true;
  await rehearsal.within('close', exchange.close());
});
