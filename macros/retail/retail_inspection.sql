{#
  What `segmentation inspect` has to know of raw order lines and rates; CONTRIBUTING.md says what the keys are. Names are compared
  without case, accents, blanks and signs: `order id` is also OrderID and ORDER_ID.
#}
{% macro retail_inspection() -%}
  {{ return({
      'retail_order_lines': {
          'names': {
              'customer_id': [
                  'customer unique id', 'customer id', 'customer', 'customer number', 'customer no', 'customer nr', 'customer code',
                  'customer key', 'cust id', 'cust no', 'client id', 'client number', 'client code', 'user id', 'buyer id', 'buyer email',
                  'account id', 'account number', 'member id', 'household key', 'shopper id', 'visitor id', 'loyalty id',
                  'kunden id', 'kunde id', 'kunden nr', 'kunden nummer', 'kunde', 'debitor', 'debitoren nr', 'debitoren nummer',
                  'id client', 'client', 'code client', 'numero client', 'no client', 'n client', 'id cliente', 'cliente id',
                  'cliente', 'codigo cliente', 'cod cliente', 'numero cliente',
                  'codice cliente', 'klant', 'klant nummer', 'klant nr', 'klant id',
              ],
              'invoice_id': [
                  'invoice id', 'invoice', 'invoice no', 'invoice nr', 'invoice number', 'order id', 'order no', 'order nr',
                  'order number', 'order', 'order name', 'sales order', 'sales order number', 'sale id', 'transaction id',
                  'transaction', 'transaction number', 'trans id', 'receipt id', 'receipt', 'receipt no', 'receipt number',
                  'basket id', 'bill no', 'bill number', 'ticket', 'ticket id', 'document no', 'document number',
                  'bestell nr', 'bestell nummer', 'bestellung', 'auftrag', 'auftrags nr', 'auftrags nummer', 'rechnung',
                  'rechnungs nr', 'rechnungs nummer', 'beleg', 'beleg nr', 'beleg nummer', 'bon nr', 'commande',
                  'numero commande', 'no commande', 'n commande', 'id commande', 'numero de commande', 'facture',
                  'numero facture', 'no facture', 'pedido', 'id pedido', 'numero pedido', 'numero de pedido', 'factura',
                  'numero factura', 'no factura', 'numero do pedido', 'codigo do pedido', 'nota fiscal', 'ordine', 'id ordine',
                  'numero ordine', 'fattura', 'bestelling', 'bestel nummer', 'order nummer', 'factuur nummer',
              ],
              'product_id': [
                  'product id', 'sku', 'stock code', 'product code', 'product no', 'product number', 'product key', 'item id',
                  'item code', 'item no', 'item number', 'article id', 'article no', 'article number', 'variant id', 'lineitem sku',
                  'upc', 'ean', 'gtin', 'asin', 'material', 'artikel nr', 'artikel nummer', 'art nr', 'produkt id', 'produkt nr',
                  'reference', 'ref produit', 'reference produit', 'code produit', 'id produit', 'code article', 'id producto',
                  'codigo producto', 'referencia',
                  'codigo do produto', 'cod produto', 'id produto', 'codice prodotto', 'codice articolo', 'product nummer',
              ],
              'description': [
                  'description', 'product name', 'product description', 'product title', 'item name', 'item description',
                  'article name', 'lineitem name', 'bezeichnung', 'artikel bezeichnung', 'artikel name', 'produkt name',
                  'beschreibung', 'designation', 'libelle', 'nom produit', 'descripcion', 'nombre producto',
              ],
              'quantity': [
                  'quantity', 'qty', 'quantity ordered', 'order quantity', 'order qty', 'quantity sold', 'units', 'units sold',
                  'pieces', 'item quantity', 'item count', 'number of items', 'no of items', 'lineitem quantity', 'menge',
                  'bestell menge', 'anzahl', 'stuck zahl', 'stueck zahl', 'stuck', 'stueck', 'stk', 'quantite', 'qte', 'cantidad',
                  'unidades', 'cant', 'quantidade', 'qtd', 'qtde', 'quantita', 'aantal',
              ],
              'unit_price': [
                  'unit price', 'price', 'price each', 'price per unit', 'item price', 'item cost', 'product price',
                  'lineitem price', 'selling price', 'sale price', 'sales price', 'retail price', 'einzel preis', 'stuck preis',
                  'stueck preis', 'vk preis', 'verkaufs preis', 'preis', 'prix unitaire', 'prix', 'pu', 'precio unitario',
                  'precio', 'preco unitario', 'valor unitario', 'preco', 'prezzo unitario', 'prezzo', 'stuk prijs', 'prijs',
              ],
              'line_amount': [
                  'line amount', 'line total', 'sales', 'sales amount', 'net sales', 'revenue', 'amount', 'total amount',
                  'total price', 'total sales', 'total', 'net amount', 'gross amount', 'turnover', 'extended price', 'subtotal',
                  'subtotal amount', 'sales value', 'order value', 'order amount', 'order total', 'grand total', 'total spent', 'amount spent',
                  'transaction amount', 'purchase amount', 'payment value', 'gmv', 'value', 'umsatz', 'betrag', 'gesamt preis',
                  'gesamt betrag', 'gesamt', 'zeilen betrag', 'netto betrag', 'netto umsatz', 'brutto betrag', 'summe', 'wert',
                  'montant', 'montant total', 'montant ht', 'montant ttc', 'prix total', 'chiffre d affaires', 'importe',
                  'importe total', 'monto', 'ventas', 'precio total', 'valor total', 'preco total', 'valor', 'importo', 'importo totale', 'totale',
                  'prezzo totale', 'bedrag', 'totaal', 'totaal bedrag', 'omzet',
              ],
              'ordered_at': [
                  'ordered at', 'order date', 'order time', 'order datetime', 'order timestamp', 'order dt', 'order purchase timestamp',
                  'invoice date', 'purchase date', 'purchased at', 'date of purchase', 'date of order', 'transaction date',
                  'transaction time', 'trans date', 'sale date', 'sales date', 'receipt date', 'created at', 'created',
                  'created date', 'creation date', 'date created', 'created date utc', 'processed at', 'paid at', 'completed at',
                  'date', 'datetime', 'date time', 'timestamp', 'day', 'bestell datum', 'auftrags datum', 'rechnungs datum',
                  'beleg datum', 'kauf datum', 'datum', 'date commande', 'date de commande', 'date facture', 'date achat',
                  'date d achat', 'fecha', 'fecha pedido', 'fecha de pedido', 'fecha factura', 'fecha compra',
                  'data do pedido', 'data pedido', 'data da compra', 'data compra', 'data da venda', 'data', 'data ordine', 'data acquisto',
                  'besteldatum', 'factuur datum', 'aankoop datum', 'order datum', 'event time', 'purchase time', 'placed at',
              ],
              'country': [
                  'country', 'country region', 'ship country', 'shipping country', 'billing country', 'customer country',
                  'country code', 'land', 'pays', 'pais',
              ],
              'currency': ['currency', 'currency code', 'order currency', 'waehrung', 'wahrung', 'devise', 'moneda', 'divisa'],
          },
          'perhaps': {
              'customer_id': [
                  'email', 'e mail', 'customer email', 'email address', 'billing email', 'user email', 'mail', 'mail adresse',
                  'courriel', 'adresse email', 'correo', 'correo electronico', 'phone', 'customer name', 'client name',
                  'buyer name', 'buyer', 'user', 'username', 'user name', 'account', 'account name', 'company', 'kunden name',
                  'firma', 'nom client', 'nombre cliente',
              ],
              'product_id': ['product', 'item', 'article', 'artikel', 'produkt', 'produit', 'producto', 'product name', 'item name'],
          },
          'owner': 'customer_id',
          'order': 'invoice_id',
          'product': 'product_id',
          'whole': {'column': 'quantity', 'rejected': 'unparsable_quantity'},
          'amount': {'line': 'line_amount', 'each': 'unit_price', 'number': 'quantity'},
          'not_amounts': ['tax', 'vat', 'shipping', 'freight', 'discount', 'profit', 'cost', 'margin', 'mwst', 'rabatt', 'versand', 'refunded'],
          'deductions': ['discount', 'rabatt', 'remise', 'descuento', 'refund'],
          'of_the_order': {'setting': 'retail_columns_of_the_order', 'columns': ['customer_id', 'ordered_at', 'country', 'currency']},
          'currency': 'currency',
          'state': {
              'names': [
                  'status', 'order status', 'state of order', 'financial status', 'payment status', 'transaction status',
                  'bestell status', 'auftrags status', 'zahlungs status', 'statut', 'statut commande', 'estado', 'estado pedido',
                  'status do pedido', 'situacao', 'stato', 'stato ordine',
                  'type', 'order type', 'transaction type', 'event type', 'event', 'event name', 'beleg art', 'art', 'tipo',
              ],
              'none': [
                  'cancelled', 'canceled', 'cancel', 'cancellation', 'void', 'voided', 'failed', 'declined', 'rejected',
                  'abandoned', 'draft', 'trash', 'expired', 'deleted', 'test', 'view', 'cart', 'add to cart', 'remove from cart', 'storniert', 'storno', 'abgebrochen', 'fehlgeschlagen',
                  'abgelehnt', 'entwurf', 'annule', 'annulee', 'echoue', 'cancelado', 'cancelada', 'anulado',
                  'anulada', 'fallido', 'rechazado',
                  'annullato', 'annullata', 'geannuleerd',
              ],
              'doubtful': [
                  'refund', 'refunded', 'partially refunded', 'return', 'returned', 'chargeback', 'credit', 'credit note', 'pending',
                  'pending payment', 'unpaid', 'on hold', 'disputed', 'retoure', 'erstattet', 'gutschrift', 'offen', 'rembourse', 'avoir', 'en attente',
                  'devuelto', 'devolucion', 'reembolsado', 'pendiente',
              ],
          },
          'flags': [
              'cancelled', 'canceled', 'is cancelled', 'is canceled', 'voided', 'is void', 'deleted', 'is deleted', 'is test',
              'test', 'storniert',
          ],
          'doubtful_flags': ['returned', 'is returned', 'return', 'is return', 'refunded', 'is refunded', 'retoure', 'unpaid'],
          'times_of_none': ['cancelled at', 'canceled at', 'voided at', 'deleted at', 'storniert am'],
          'prefixes': {
              'invoice_id': {
                  'setting': 'retail_cancellation_prefix',
                  'meaning': 'a cancellation, as in the data that retail_format: uci is for; A would be an adjustment '
                      '(retail_adjustment_prefix)',
              },
          },
          'notes': {
              'deductions': 'they are not taken off the prices. Where prices do not have it in them, map line_amount to a SQL '
                  'expression with what is of a line, or order_amount to what is of an order, below zero',
              'copies': 'of equal lines one is accepted; all are with retail_exact_duplicates: keep',
              'no_owner': 'they count as anonymous, segment 0 of the reports (retail_anonymous_lines)',
              'quantity_below_zero': 'they are returns, which lower the revenue of their customer (retail_returns)',
              'line_amount_below_zero': 'they are returns where there is no unit price, else see quantity (retail_returns)',
              'unit_price_below_zero': 'they are rejected; retail_negative_price_lines: keep accepts them',
              'unit_price_zero': 'they are rejected; retail_zero_price_lines: keep accepts them',
              'line_amount_zero': 'they are rejected; retail_zero_price_lines: keep accepts them',
              'quantity_zero': 'they are rejected (zero_quantity)',
              'product_id_missing': 'they are rejected (missing_product)',
              'invoice_id_missing': 'they are rejected (missing_invoice)',
              'ordered_at_missing': 'they are rejected (missing_date)',
              'quantity_missing': 'they are rejected (missing_quantity)',
          },
      },
      'retail_rates': {
          'names': {
              'rate_date': ['rate date', 'date', 'day', 'time period', 'datum', 'tag', 'fecha'],
              'currency': ['currency', 'currency code', 'code', 'quote currency', 'waehrung', 'wahrung', 'devise', 'moneda', 'divisa'],
              'rate': ['rate', 'exchange rate', 'fx rate', 'obs value', 'kurs', 'wechselkurs', 'taux', 'tipo de cambio', 'cambio'],
          },
      },
  }) }}
{%- endmacro %}
