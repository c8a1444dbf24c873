{#
  Currencies by their code (ISO 4217): the signs and words besides the code that stand for it, in small letters. A sign of
  several currencies stands with each.
#}
{% macro currencies() -%}
  {%- set codes = (
      'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP '
      'CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF '
      'IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD '
      'MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB '
      'RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD '
      'UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG'
  ).split(' ') -%}
  {%- set signs = {
      'AUD': ['$', 'a$', 'au$'], 'BGN': ['лв'], 'BRL': ['r$'], 'CAD': ['$', 'c$', 'ca$'], 'CHF': ['fr', 'sfr'],
      'CLP': ['$'], 'CNY': ['¥', 'cn¥', 'rmb', '元'], 'COP': ['$'], 'CZK': ['kč'], 'DKK': ['kr'], 'EUR': ['€', 'euro', 'euros'],
      'GBP': ['£'], 'HKD': ['$', 'hk$'], 'HUF': ['ft'], 'IDR': ['rp'], 'ILS': ['₪'], 'INR': ['₹', 'rs'], 'ISK': ['kr'],
      'JPY': ['¥', 'jp¥', '円'], 'KRW': ['₩', '원'], 'MXN': ['$', 'mx$'], 'MYR': ['rm'], 'NGN': ['₦'], 'NOK': ['kr'],
      'NZD': ['$', 'nz$'], 'PHP': ['₱'], 'PKR': ['rs', '₨'], 'PLN': ['zł'], 'RON': ['lei'], 'RUB': ['₽', 'руб', 'р'],
      'SEK': ['kr'], 'SGD': ['$', 's$'], 'THB': ['฿'], 'TRY': ['₺', 'tl'], 'TWD': ['nt$'], 'UAH': ['₴', 'грн'],
      'USD': ['$', 'us$', 'u$s', 'dollar', 'dollars'], 'VND': ['₫', 'đ'], 'ZAR': ['r'],
  } -%}
  {{ return(dict(dict.fromkeys(codes, []), **signs)) }}
{%- endmacro %}


{#
  A pattern, without groups and for texts in any case, of all signs, words and codes of currencies, long ones first; of those
  of one currency where its code is given. A sign may have up to three letters in front ('US$'), unless one is asked for.
#}
{% macro currency_pattern(code='') -%}
  {%- set known = customer_segmentation.currencies() -%}
  {%- set words, any_sign = [], [] if code else ['u[$]s', '[a-z]{0,3}\\p{Sc}'] -%}
  {%- for currency in ([code] if code else known) -%}
    {%- for mark in [currency | lower] + known[currency] if code or not modules.re.search('[$€£¥₪₹₩₦₱₨₽฿₺₴₫]', mark) -%}
      {%- set word = (-(mark | length), modules.re.escape(mark)) -%}
      {%- if word not in words -%} {%- do words.append(word) -%} {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return('(?:' ~ (any_sign + ['(?:' ~ words | sort | map('last') | join('|') ~ ')[.]?']) | join('|') ~ ')') }}
{%- endmacro %}
