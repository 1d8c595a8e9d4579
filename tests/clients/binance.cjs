// binance (tiagosiebler): REST and the WebSocket API with an Ed25519 key, streams.
'use strict';

const {MainClient, WebsocketAPIClient, WebsocketClient, WS_KEY_MAP} = require('binance');
const {assert, checkReports, rehearse} = require('./rehearsal.cjs');

const quiet = {trace() {}, info() {}, error: console.error};

rehearse(async (rehearsal) => {
  const {ready, trade} = rehearsal;
  const {symbol} = trade;
  const account = rehearsal.account('ed25519');
  const keys = {api_key: account.key, api_secret: account.privateKey};
  const rest = new MainClient({...keys, baseUrl: ready.rest});
  const limitOrder = {symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: Number(trade.quantity),
    price: Number(trade.restingPrice)};

  await rehearsal.step('markets', async () => {
    const {symbols} = await rest.getExchangeInfo({symbol});
    assert.deepEqual(symbols.map((each) => each.status), ['TRADING']);
    assert.equal((await rest.getOrderBook({symbol, limit: 5})).bids.length, 5);
    assert.equal((await rest.getKlines({symbol, interval: '1m', limit: 3})).length, 3);
    assert.equal((await rest.get24hrChangeStatistics({symbol})).symbol, symbol);
    assert.equal((await rest.getTradingDayTicker({symbol})).symbol, symbol);
    assert.equal((await rest.getHistoricalTrades({symbol, fromId: 1, limit: 1}))[0].id, 1);
  });
  await rehearsal.step('balance', async () => {
    const permissions = await rest.getApiKeyPermissions();
    assert.deepEqual([permissions.enableSpotAndMarginTrading, permissions.enableWithdrawals], [true, false]);
    const {balances} = await rest.getAccountInformation();
    assert.equal(balances.find((each) => each.asset === 'USDT').free, '100000.00000000');
  });
  const placed = await rehearsal.step('place', async () => {
    const order = await rest.submitNewOrder({...limitOrder, newOrderRespType: 'FULL'});
    assert.equal(order.status, 'NEW');
    return order;
  });
  await rehearsal.step('see', async () => {
    const order = await rest.getOrder({symbol, orderId: placed.orderId});
    assert.equal(order.clientOrderId, placed.clientOrderId);
    assert.deepEqual((await rest.getOpenOrders({symbol})).map((each) => each.orderId), [placed.orderId]);
  });
  const amended = await rehearsal.step('amend', async () => {
    const answer = await rest.replaceOrder({...limitOrder, quantity: Number(trade.amendedQuantity),
      cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: placed.orderId});
    assert.equal(answer.cancelResponse.status, 'CANCELED');
    assert.equal(answer.newOrderResponse.origQty, '0.00050000');
    return answer.newOrderResponse;
  });
  await rehearsal.step('cancel', async () => {
    assert.equal((await rest.cancelOrder({symbol, orderId: amended.orderId})).status, 'CANCELED');
    assert.deepEqual(await rest.getOpenOrders({symbol}), []);
  });
  await rehearsal.step('trades', async () => {
    const order = await rest.submitNewOrder({symbol, side: 'BUY', type: 'MARKET', quantity: Number(trade.quantity),
      newOrderRespType: 'FULL'});
    assert.equal(order.status, 'FILLED');
    const trades = await rest.getAccountTradeList({symbol});
    assert.deepEqual(trades.map((each) => each.id), order.fills.map((each) => each.tradeId));
  });

  await rehearsal.step('user data', async () => {
    const events = [];
    const api = new WebsocketAPIClient({...keys, wsUrl: ready.stream, attachEventListeners: false}, quiet);
    const socket = api.getWSClient();
    socket.on('message', (message) => {
      events.push(message.event ?? message);
      rehearsal.heard();
    });
    socket.on('exception', (error) => console.error('exception', error.message ?? error));
    await api.subscribeUserDataStream(WS_KEY_MAP.mainWSAPI);
    const timestamp = () => Date.now();
    const limit = (await api.submitNewSpotOrder({...limitOrder, timestamp: timestamp()})).result;
    const open = (await api.getSpotOpenOrders({symbol, timestamp: timestamp()})).result;
    assert.deepEqual(open.map((each) => each.orderId), [limit.orderId]);
    const kept = (await api.amendSpotOrderKeepPriority({symbol, orderId: limit.orderId,
      newQty: Number(trade.amendedQuantity), timestamp: timestamp()})).result;
    assert.equal(kept.amendedOrder.qty, '0.00050000');
    await api.cancelSpotOrder({symbol, orderId: limit.orderId, timestamp: timestamp()});
    const market = (await api.submitNewSpotOrder({symbol, side: 'BUY', type: 'MARKET', quantity: Number(trade.quantity),
      timestamp: timestamp()})).result;
    await rehearsal.until('the last balance', () => events.some((each) => each.e === 'outboundAccountPosition' &&
      each.B.some((balance) => balance.a === 'BTC')));
    const reports = events.filter((each) => each.e === 'executionReport');
    checkReports(reports, limit.orderId, market.orderId);
    assert.deepEqual(reports.filter((each) => each.x === 'REPLACED').map((each) => [each.i, each.q]),
      [[limit.orderId, '0.00050000']]);
    socket.closeAll(true);
  });

  await rehearsal.step('streams', async () => {
    const latest = new Map();
    const streams = new WebsocketClient({wsUrl: ready.stream, beautify: true}, quiet);
    streams.on('formattedMessage', (message) => {
      latest.set(message.eventType, message);
      rehearsal.heard();
    });
    streams.on('exception', (error) => console.error('exception', error.message ?? error));
    await streams.subscribe(['btcusdt@trade', 'btcusdt@kline_1m', 'btcusdt@depth@100ms', 'btcusdt@aggTrade',
      'btcusdt@ticker'],
      WS_KEY_MAP.main);
    await rehearsal.until('all streams', () =>
      ['trade', 'kline', 'depthUpdate', 'aggTrade', '24hrTicker'].every((name) => latest.has(name)));
    assert.equal(latest.get('trade').symbol, symbol);
    assert.equal(latest.get('kline').kline.interval, '1m');
    streams.closeAll(true);
  });
});
