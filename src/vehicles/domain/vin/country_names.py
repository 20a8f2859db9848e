"""English short names of the countries in `vehicles.domain.vin.countries`, by ISO 3166 alpha-2 code."""

from typing import Final

_NAMES: Final = """
AD Andorra; AE United Arab Emirates; AM Armenia; AO Angola; AR Argentina; AT Austria; AU Australia; AZ Azerbaijan
BA Bosnia and Herzegovina; BD Bangladesh; BE Belgium; BG Bulgaria; BO Bolivia; BR Brazil; BW Botswana; BY Belarus
CA Canada; CH Switzerland; CI Ivory Coast; CL Chile; CN China; CO Colombia; CR Costa Rica; CY Cyprus; CZ Czechia
DE Germany; DK Denmark; DO Dominican Republic; DZ Algeria
EC Ecuador; EE Estonia; EG Egypt; ES Spain; ET Ethiopia
FI Finland; FR France
GB United Kingdom; GE Georgia; GR Greece
HK Hong Kong; HN Honduras; HR Croatia; HU Hungary
ID Indonesia; IE Ireland; IL Israel; IN India; IQ Iraq; IR Iran; IS Iceland; IT Italy
JO Jordan; JP Japan
KE Kenya; KG Kyrgyzstan; KH Cambodia; KR South Korea; KZ Kazakhstan
LA Laos; LS Lesotho; LT Lithuania; LU Luxembourg; LV Latvia; LY Libya
MA Morocco; MG Madagascar; MK North Macedonia; MM Myanmar; MN Mongolia; MT Malta; MU Mauritius; MX Mexico; MY Malaysia
MZ Mozambique
NA Namibia; NG Nigeria; NI Nicaragua; NL Netherlands; NO Norway; NZ New Zealand
PA Panama; PE Peru; PH Philippines; PK Pakistan; PL Poland; PR Puerto Rico; PT Portugal; PY Paraguay
RO Romania; RS Serbia; RU Russia; RW Rwanda
SA Saudi Arabia; SE Sweden; SG Singapore; SI Slovenia; SK Slovakia; SM San Marino; SV El Salvador; SZ Eswatini
TH Thailand; TJ Tajikistan; TN Tunisia; TR Turkey; TW Taiwan
UA Ukraine; UG Uganda; US United States; UY Uruguay; UZ Uzbekistan
VE Venezuela; VN Vietnam
ZA South Africa; ZM Zambia; ZW Zimbabwe
"""

COUNTRY_NAMES: Final = {row[:2]: row[3:] for row in _NAMES.strip().replace("\n", "; ").split("; ")}
