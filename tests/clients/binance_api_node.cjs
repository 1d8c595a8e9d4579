// binance-api-node: REST, streams, and user data over the WebSocket API, with an HMAC key.
'use strict';

const Binance = require('binance-api-node').default;
const {assert, rehearse} = require('./rehearsal.cjs');

rehearse(async (rehearsal) => {
  const {ready, trade} = rehearsal;
  const {symbol} = trade;
  const account = rehearsal.account('hmac');
  const client = Binance({apiKey: account.key, apiSecret: account.secret, httpBase: ready.rest,
    wsBase: `${ready.stream}/ws`, wsApi: ready.ws_api});

  await rehearsal.step('markets', async () => {
    const {symbols} = await client.exchangeInfo();
    assert.ok(symbols.some((each) => each.symbol === symbol && each.status === 'TRADING'));
    assert.ok(Number((await client.prices())[symbol]) > 0);
    assert.equal((await client.book({symbol, limit: 5})).bids.length, 5);
    assert.equal((await client.candles({symbol, interval: '1m', limit: 3})).length, 3);
    assert.equal((await client.dailyStats({symbol})).symbol, symbol);
    assert.equal((await client.avgPrice({symbol})).mins, 5);
    assert.ok((await client.aggTrades({symbol, limit: 5})).length > 0);
  });
  await rehearsal.step('balance', async () => {
    const {balances} = await client.accountInfo();
    assert.equal(balances.find((each) => each.asset === 'USDT').free, '100000.00000000');
  });

  const events = [];
  const closeUserData = await rehearsal.within('user data', client.ws.user((event) => {
    events.push(event);
    rehearsal.heard();
  }));
  const placed = await rehearsal.step('place', async () => {
    const order = await client.order({symbol, side: 'BUY', type: 'LIMIT', quantity: trade.quantity,
      price: trade.restingPrice});
    assert.equal(order.status, 'NEW');
    return order;
  });
  await rehearsal.step('see', async () => {
    const order = await client.getOrder({symbol, orderId: placed.orderId});
    assert.equal(order.clientOrderId, placed.clientOrderId);
    assert.deepEqual((await client.openOrders({symbol})).map((each) => each.orderId), [placed.orderId]);
  });
  const amended = await rehearsal.step('amend', async () => {
    // Its way to what has no method of its own.
    const answer = await client.privateRequest('POST', '/api/v3/order/cancelReplace', {symbol, side: 'BUY', type: 'LIMIT',
      timeInForce: 'GTC', quantity: trade.amendedQuantity, price: trade.restingPrice,
      cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: placed.orderId});
    assert.deepEqual([answer.cancelResult, answer.newOrderResult], ['SUCCESS', 'SUCCESS']);
    return answer.newOrderResponse;
  });
  await rehearsal.step('cancel', async () => {
    assert.equal((await client.cancelOrder({symbol, orderId: amended.orderId})).status, 'CANCELED');
    assert.deepEqual(await client.openOrders({symbol}), []);
  });
  const bought = await rehearsal.step('trades', async () => {
    const order = await client.order({symbol, side: 'BUY', type: 'MARKET', quantity: trade.quantity});
    assert.equal(order.status, 'FILLED');
    const trades = await client.myTrades({symbol});
    assert.deepEqual(trades.map((each) => each.id), order.fills.map((each) => each.tradeId));
    return order;
  });
  await rehearsal.step('user data', async () => {
    await rehearsal.until('the last balance', () => events.some((each) => each.eventType === 'outboundAccountPosition' &&
      each.balances.some((balance) => balance.asset === 'BTC')));
    const reports = events.filter((each) => each.eventType === 'executionReport');
    const kinds = (id) => reports.filter((each) => each.orderId === id)
      .map((each) => `${each.executionType} ${each.orderStatus}`);
    assert.deepEqual(kinds(placed.orderId), ['NEW NEW', 'CANCELED CANCELED']);
    assert.deepEqual(kinds(amended.orderId), ['NEW NEW', 'CANCELED CANCELED']);
    assert.equal(kinds(bought.orderId).at(-1), 'TRADE FILLED');
    closeUserData();
  });

  await rehearsal.step('streams', async () => {
    const latest = new Map();
    const note = (name) => (event) => {
      latest.set(name, event);
      rehearsal.heard();
    };
    const closers = [client.ws.trades([symbol], note('trade')), client.ws.candles(symbol, '1m', note('candle')),
      client.ws.depth(symbol, note('depth')), client.ws.partialDepth({symbol, level: 5}, note('partial depth')),
      client.ws.bookTicker(symbol, note('quote')), client.ws.ticker(symbol, note('ticker'))];
    await rehearsal.until('all streams', () => latest.size === closers.length);
    assert.equal(latest.get('trade').symbol, symbol);
    assert.equal(latest.get('partial depth').bids.length, 5);
    for (const close of closers) close();
  });
});
