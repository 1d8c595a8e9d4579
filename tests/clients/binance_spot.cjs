// @binance/spot, the exchange's own client: REST with an HMAC key, streams, and the WebSocket API with an Ed25519 key's
// session.
'use strict';

const {Spot} = require('@binance/spot');
const {assert, checkReports, rehearse} = require('./rehearsal.cjs');

rehearse(async (rehearsal) => {
  const {ready, trade} = rehearsal;
  const {symbol} = trade;
  const hmac = rehearsal.account('hmac');
  const ed25519 = rehearsal.account('ed25519');
  const client = new Spot({
    configurationRestAPI: {apiKey: hmac.key, apiSecret: hmac.secret, basePath: ready.rest, timeout: 10000},
    configurationWebsocketAPI: {apiKey: ed25519.key, privateKey: ed25519.privateKey, wsURL: ready.ws_api},
    configurationWebsocketStreams: {wsURL: ready.stream},
  });
  const rest = client.restAPI;
  const data = async (answer) => (await answer).data();
  const result = async (answer) => (await answer).data;
  const limitOrder = {symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: Number(trade.quantity),
    price: Number(trade.restingPrice)};

  await rehearsal.step('markets', async () => {
    const {symbols} = await data(rest.exchangeInfo({}));
    const market = symbols.find((each) => each.symbol === symbol);
    assert.equal(market.status, 'TRADING');
    assert.ok(market.filters.some((each) => each.filterType === 'PRICE_FILTER'));
    const depth = await data(rest.depth({symbol, limit: 5}));
    assert.equal(depth.bids.length, 5);
    assert.equal((await data(rest.klines({symbol, interval: '1m', limit: 3}))).length, 3);
    assert.equal((await data(rest.uiKlines({symbol, interval: '1d', timeZone: '8', limit: 3}))).length, 3);
    for (const ticker of [await data(rest.ticker24hr({symbol})), await data(rest.tickerTradingDay({symbol})),
      await data(rest.ticker({symbol, windowSize: '2h'}))]) {
      assert.equal(ticker.symbol, symbol);
      assert.ok(Number(ticker.lowPrice) <= Number(ticker.lastPrice));
    }
    const [oldest] = await data(rest.historicalTrades({symbol, fromId: 1, limit: 1}));
    assert.equal(Number(oldest.id), 1);
    assert.ok((await data(rest.aggTrades({symbol, limit: 5}))).length > 0);
  });
  await rehearsal.step('balance', async () => {
    const {balances} = await data(rest.getAccount({omitZeroBalances: true}));
    assert.equal(balances.find((each) => each.asset === 'USDT').free, '100000.00000000');
  });

  const placed = await rehearsal.step('place', async () => {
    const order = await data(rest.newOrder({...limitOrder, newClientOrderId: 'spot-limit'}));
    assert.equal(order.status, 'NEW');
    assert.equal(order.clientOrderId, 'spot-limit');
    return order;
  });
  await rehearsal.step('see', async () => {
    const order = await data(rest.getOrder({symbol, origClientOrderId: 'spot-limit'}));
    assert.equal(order.price, '50000.00000000');
    const open = await data(rest.getOpenOrders({symbol}));
    assert.deepEqual(open.map((each) => each.clientOrderId), ['spot-limit']);
  });
  await rehearsal.step('amend', async () => {
    const {orderId} = placed;
    const amendment = await data(rest.orderAmendKeepPriority({symbol, orderId, newQty: Number(trade.amendedQuantity)}));
    assert.equal(amendment.amendedOrder.qty, '0.00050000');
    const told = await data(rest.orderAmendments({symbol, orderId}));
    assert.deepEqual(told.map((each) => [each.origQty, each.newQty]), [['0.00100000', '0.00050000']]);
  });
  await rehearsal.step('cancel', async () => {
    const order = await data(rest.deleteOrder({symbol, orderId: placed.orderId}));
    assert.equal(order.status, 'CANCELED');
    assert.deepEqual(await data(rest.getOpenOrders({symbol})), []);
  });
  await rehearsal.step('trades', async () => {
    const order = await data(rest.newOrder({symbol, side: 'BUY', type: 'MARKET', quantity: Number(trade.quantity)}));
    assert.equal(order.status, 'FILLED');
    const trades = await data(rest.myTrades({symbol, orderId: order.orderId}));
    assert.equal(trades.length, order.fills.length);
    assert.equal(trades[0].commissionAsset, 'BTC');
  });

  await rehearsal.step('user data', async () => {
    const api = await client.websocketAPI.connect();
    const [session] = await api.sessionLogon({});
    assert.equal(session.data.apiKey, ed25519.key);
    const events = [];
    const {stream} = await api.userDataStreamSubscribe({});
    stream.on('message', (event) => {
      events.push(event);
      rehearsal.heard();
    });
    const limit = await result(api.orderPlace(limitOrder));
    const open = await result(api.openOrdersStatus({symbol}));
    assert.deepEqual(open.map((each) => each.orderId), [limit.orderId]);
    await result(api.orderCancel({symbol, orderId: limit.orderId}));
    const market = await result(api.orderPlace({symbol, side: 'BUY', type: 'MARKET', quantity: Number(trade.quantity)}));
    assert.equal(market.status, 'FILLED');
    await rehearsal.until('the last balance', () => {
      const positions = events.filter((each) => each.e === 'outboundAccountPosition');
      return positions.some((each) => each.B.some((balance) => balance.a === 'BTC'));
    });
    const reports = events.filter((each) => each.e === 'executionReport').map((each) => ({...each, i: Number(each.i)}));
    checkReports(reports, Number(limit.orderId), Number(market.orderId));
    await rehearsal.within('disconnect', api.disconnect());
  });

  await rehearsal.step('streams', async () => {
    const streams = await client.websocketStreams.connect();
    const first = (stream) => new Promise((resolve) => stream.on('message', resolve));
    const [tick, kline, depth, quote, day, mini] = await Promise.all([
      first(streams.trade({symbol: 'btcusdt'})), first(streams.kline({symbol: 'btcusdt', interval: '1m'})),
      first(streams.diffBookDepth({symbol: 'btcusdt'})), first(streams.bookTicker({symbol: 'btcusdt'})),
      first(streams.ticker({symbol: 'btcusdt'})), first(streams.miniTicker({symbol: 'btcusdt'}))]);
    assert.deepEqual([day.e, mini.e], ['24hrTicker', '24hrMiniTicker']);
    assert.equal(tick.s, symbol);
    assert.equal(kline.k.i, '1m');
    assert.ok(depth.u >= depth.U);
    assert.ok(Number(quote.b) < Number(quote.a));
    await rehearsal.within('disconnect', streams.disconnect());
  });
});
