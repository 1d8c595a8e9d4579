// @binance/connector, the exchange's client before @binance/spot: REST with an RSA key, streams, and the WebSocket API with
// an HMAC key, every request signed by itself.
'use strict';

const {Spot, WebsocketAPI, WebsocketStream} = require('@binance/connector');
const {assert, checkReports, rehearse} = require('./rehearsal.cjs');

const quiet = {debug() {}, info() {}, log() {}, warn: console.warn, error: console.error};

rehearse(async (rehearsal) => {
  const {ready, trade} = rehearsal;
  const {symbol} = trade;
  const rsa = rehearsal.account('rsa');
  const hmac = rehearsal.account('hmac');
  const rest = new Spot(rsa.key, '', {baseURL: ready.rest, privateKey: rsa.privateKey, privateKeyAlgo: 'RSA'});
  const data = async (answer) => (await answer).data;
  const limitTerms = {quantity: trade.quantity, price: trade.restingPrice, timeInForce: 'GTC'};

  await rehearsal.step('markets', async () => {
    const {symbols} = await data(rest.exchangeInfo({symbols: [symbol, 'ETHUSDT']}));
    assert.deepEqual(symbols.map((each) => each.symbol).sort(), [symbol, 'ETHUSDT']);
    assert.equal((await data(rest.depth(symbol, {limit: 5}))).asks.length, 5);
    assert.equal((await data(rest.klines(symbol, '1m', {limit: 3}))).length, 3);
    assert.equal((await data(rest.ticker24hr(symbol))).symbol, symbol);
    assert.equal((await data(rest.rollingWindowTicker('', [symbol, 'ETHUSDT'], {windowSize: '1h'}))).length, 2);
    assert.equal((await data(rest.historicalTrades(symbol, {fromId: 1, limit: 1})))[0].id, 1);
    assert.equal((await data(rest.avgPrice(symbol))).mins, 5);
  });
  await rehearsal.step('balance', async () => {
    const {balances} = await data(rest.account());
    assert.equal(balances.find((each) => each.asset === 'USDT').free, '100000.00000000');
  });
  const placed = await rehearsal.step('place', async () => {
    const order = await data(rest.newOrder(symbol, 'BUY', 'LIMIT', limitTerms));
    assert.equal(order.status, 'NEW');
    return order;
  });
  await rehearsal.step('see', async () => {
    const order = await data(rest.getOrder(symbol, {orderId: placed.orderId}));
    assert.equal(order.clientOrderId, placed.clientOrderId);
    assert.deepEqual((await data(rest.openOrders({symbol}))).map((each) => each.orderId), [placed.orderId]);
  });
  await rehearsal.step('amend', async () => {
    const answer = await data(rest.cancelAndReplace(symbol, 'BUY', 'LIMIT', 'STOP_ON_FAILURE',
      {...limitTerms, quantity: trade.amendedQuantity, cancelOrderId: placed.orderId}));
    assert.deepEqual([answer.cancelResult, answer.newOrderResult], ['SUCCESS', 'SUCCESS']);
    const open = await data(rest.openOrders({symbol}));
    assert.deepEqual(open.map((each) => each.origQty), ['0.00050000']);
  });
  await rehearsal.step('cancel', async () => {
    const orders = await data(rest.cancelOpenOrders(symbol));
    assert.deepEqual(orders.map((each) => each.status), ['CANCELED']);
    assert.deepEqual(await data(rest.openOrders({symbol})), []);
  });
  await rehearsal.step('trades', async () => {
    const order = await data(rest.newOrder(symbol, 'BUY', 'MARKET', {quantity: trade.quantity, newOrderRespType: 'FULL'}));
    assert.equal(order.status, 'FILLED');
    const trades = await data(rest.myTrades(symbol));
    assert.deepEqual(trades.map((each) => each.id), order.fills.map((each) => each.tradeId));
  });

  await rehearsal.step('user data', async () => {
    const answers = new Map();
    const events = [];
    const opened = {now: false};
    const api = new WebsocketAPI(hmac.key, hmac.secret, {
      wsURL: ready.ws_api,
      logger: quiet,
      callbacks: {
        open: () => {
          opened.now = true;
          rehearsal.heard();
        },
        message: (text) => {
          const message = JSON.parse(text);
          if (message.event) events.push(message.event);
          else answers.set(message.id, message);
          rehearsal.heard();
        },
      },
    });
    await rehearsal.until('connected', () => opened.now);
    const answer = async (id) => {
      const message = await rehearsal.until(`the answer to ${id}`, () => answers.get(id));
      assert.equal(message.status, 200, JSON.stringify(message));
      return message.result;
    };
    // It knows only the listen keys that were retired; its way to call any other method that is signed:
    api.sendSignatureMessage('userDataStream.subscribe.signature', {id: 'subscribe'});
    await answer('subscribe');
    api.newOrder(symbol, 'BUY', 'LIMIT', {...limitTerms, id: 'limit'});
    const limit = await answer('limit');
    api.cancelOrder(symbol, {orderId: limit.orderId, id: 'cancel'});
    await answer('cancel');
    api.newOrder(symbol, 'BUY', 'MARKET', {quantity: trade.quantity, id: 'market'});
    const market = await answer('market');
    api.account({id: 'account'});
    const btc = (await answer('account')).balances.find((each) => each.asset === 'BTC');
    await rehearsal.until('the last balance', () => events.some((each) => each.e === 'outboundAccountPosition' &&
      each.B.some((balance) => balance.a === 'BTC' && balance.f === btc.free)));
    checkReports(events.filter((each) => each.e === 'executionReport'), limit.orderId, market.orderId);
    api.disconnect();
  });

  await rehearsal.step('streams', async () => {
    const latest = new Map();
    const streams = new WebsocketStream({
      wsURL: ready.stream,
      combinedStreams: true,
      logger: quiet,
      callbacks: {
        message: (text) => {
          const message = JSON.parse(text);
          latest.set(message.stream ?? `answer ${message.id}`, message.data ?? message);
          rehearsal.heard();
        },
      },
    });
    streams.subscribe(['btcusdt@trade', 'btcusdt@kline_1m']);
    await rehearsal.until('trades', () => latest.get('btcusdt@trade'));
    streams.subscribe(['btcusdt@depth@100ms', 'btcusdt@bookTicker', '!miniTicker@arr']);
    await rehearsal.until('all streams', () =>
      ['btcusdt@kline_1m', 'btcusdt@depth@100ms', 'btcusdt@bookTicker', '!miniTicker@arr'].every((name) => latest.has(name)));
    assert.equal(latest.get('btcusdt@trade').s, symbol);
    assert.ok(latest.get('!miniTicker@arr').every((each) => each.e === '24hrMiniTicker'));
    assert.ok(latest.get('btcusdt@depth@100ms').b.length + latest.get('btcusdt@depth@100ms').a.length > 0);
    streams.disconnect();
  });
});
