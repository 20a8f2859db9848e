"""The rows of the table of manufacturers: name; kind of vehicle; source; identifiers.

In alphabetical order; a manufacturer has a row for each kind and source. `manufacturers.py` says what they mean.
"""

from typing import Final

ROWS: Final = """
Ackermann-Fruehauf; trailer; KBA list; WAF
Acura; car; NHTSA vPIC; 19U 19V 2HH 2HN 4W5 5FR 5J8 JH4
Adria; mixed; KBA list; ZY1
Agados; trailer; KBA list; TKX
Ajax; trailer; NHTSA vPIC; 1AJ
Alexander Dennis; bus; NHTSA vPIC; SFE
Alexander Dennis; bus; vininfo; SFD
Alfa Romeo; car; NHTSA vPIC; ZAR ZAS
Alpina; car; KBA list; WAP
American LaFrance; truck; NHTSA vPIC; 1AF 4Z3 5SX
Anssems; trailer; KBA list; XLJ
Armor Chassis; trailer; NHTSA vPIC; 5AX
ATRO; trailer; NHTSA vPIC; 3EL
Audi; car; NHTSA vPIC; TRU WA1 WAU WU1 WUA
Autocar; truck; NHTSA vPIC; 516 5VC
Auwärter; trailer; NHTSA vPIC; W09A24
Avia; truck; KBA list; TNA
Ayats; bus; NHTSA vPIC; VS9031
Beall; trailer; NHTSA vPIC; 1BN
Benalu; trailer; KBA list; VH1
Blue Arc; van; NHTSA vPIC; 7SU
Blue Bird; bus; NHTSA vPIC; 1BA 1BD
Blue Bird; car; NHTSA vPIC; 1BB
Bluecar; car; NHTSA vPIC; VL4
Blumhardt; trailer; KBA list; WBL
BMW; car; NHTSA vPIC; 3MF 3MW 4US 5UM 5UX 5YM WB5 WBA WBS WBX WBY
Böcker; trailer; NHTSA vPIC; WBK
Böckmann; trailer; NHTSA vPIC; WB0
Brenderup; trailer; NHTSA vPIC; UH2
Brenner Tank; trailer; NHTSA vPIC; 10B
Brian James; trailer; NHTSA vPIC; SJB
Broshuis; trailer; KBA list; XNJ
BSLT; trailer; KBA list; VGW
Bucher; truck; KBA list; TEB
Buick; car; NHTSA vPIC; 1G4 2G4 3G4 3G5 5GA KL4 LRB
Burg; trailer; KBA list; XLK
BYD; truck; NHTSA vPIC; LPE
BYD; bus; NHTSA vPIC; 4B9038 99L LC0
BYD; mixed; NHTSA vPIC; LGX
Cadillac; chassis; NHTSA vPIC; 1GE 2GE
Cadillac; car; NHTSA vPIC; 1G6 1GY 2G6 3GY LRE
CaetanoBus; bus; KBA list; TWG
Capacity; truck; NHTSA vPIC; 4LM
Cardi; trailer; KBA list; ZB3
Carry-On; trailer; NHTSA vPIC; 4YM
Cheval Liberté; trailer; NHTSA vPIC; VKD
Chevrolet; truck; NHTSA vPIC; 1GC 2GC 3GC J8Z
Chevrolet; chassis; NHTSA vPIC; 1GB 1HA 2GB 4KB J8B
Chevrolet; van; NHTSA vPIC; 1GA 2G5 2GA
Chevrolet; car; NHTSA vPIC; 1G1 1GN 1Y1 2CN 2G1 2GN 3G1 3GN 6G3 KL1 KL7 KL8
Chrysler; car; NHTSA vPIC; 1A4 1A8 1C8 2A4 2A8 2C8 3A4 3A8 3C8 4C3
Citroën; mixed; KBA list; VF7 VR7 VS7
Construction Trailer Specialists; trailer; NHTSA vPIC; 5TU
Cottrell; trailer; NHTSA vPIC; 5E0
Crane Carrier; truck; NHTSA vPIC; 1CY
Crane Fruehauf; trailer; KBA list; SFR
Dacia; car; KBA list; UU1
DAF; truck; vininfo; XLR
DAF; bus; KBA list; XLV
Daimler Buses; bus; NHTSA vPIC; WEB WKK
De Lucio; trailer; NHTSA vPIC; 3BY
Dennis Eagle; truck; NHTSA vPIC; 1D9791 SEG
Di-Mond; trailer; NHTSA vPIC; 2DM
Dodge; truck; NHTSA vPIC; 1B7 1D3 1D7 2B7 2D7 3B7 3D3 3D7
Dodge; chassis; NHTSA vPIC; 1B6 2B6 2D6 3B6 3D2 3D6
Dodge; car; NHTSA vPIC; 1B3 1B4 1D4 1D8 2B3 2B4 2D4 2D8 3B3 3B4 3D4 4B3
Dongfeng; truck; NHTSA vPIC; LGA
Dorsey; trailer; NHTSA vPIC; 7KY
DS; car; KBA list; VR1
E-One; truck; NHTSA vPIC; 4EN
e.GO; car; KBA list; WEL
Ebusco; bus; NHTSA vPIC; XL9530
Eduard; trailer; KBA list; YC3
ENC; bus; NHTSA vPIC; 1N9084
Etnyre; trailer; NHTSA vPIC; 1E9007
FAW; truck; fleet data; LFW
FAW; car; NHTSA vPIC; LFP
Faymonville; trailer; KBA list; YAM
Faymonville; trailer; NHTSA vPIC; YAF
Feldbinder; trailer; KBA list; WFB
Fiat; van; KBA list; VXF VYF ZFC
Fiat; mixed; NHTSA vPIC; ZFA
Fiat; car; NHTSA vPIC; 3E4 ZFB
Fit-Zel; trailer; KBA list; VBF
Fliegl; trailer; KBA list; WFD
Flxible; bus; NHTSA vPIC; 1GF
Fontaine; trailer; NHTSA vPIC; 13N
Ford; truck; NHTSA vPIC; 1FT 2FT 3FE 3FN 3FR 3FT
Ford; chassis; NHTSA vPIC; 1F6 1FC 1FD 3FC
Ford; van; NHTSA vPIC; 1FB
Ford; mixed; KBA list; SFA VS6
Ford; mixed; NHTSA vPIC; 9BF WF0
Ford; mixed; fleet data; 6FP
Ford; car; NHTSA vPIC; 1FA 1FM 1ZV 2FA 2FM 3FA 3FM MAJ WF1
Ford Otosan; mixed; NHTSA vPIC; NM0
Forest River; trailer; NHTSA vPIC; 4X4 5NH
Foton; truck; fleet data; LVB
Foton; bus; NHTSA vPIC; LVC
Frech-Hoch; trailer; KBA list; TFH
Freightliner; truck; NHTSA vPIC; 1FU 1FV 2FU 2FV 3AK 3AL WYB
Freightliner; chassis; NHTSA vPIC; 4UZ
Fruehauf; trailer; KBA list; VFK
Fruehauf de Mexico; trailer; NHTSA vPIC; 3AW
GAZ; mixed; KBA list; XTH
Genesis; car; NHTSA vPIC; KMT KMU
Gillig; bus; NHTSA vPIC; 15G 46G
GM Daewoo; car; NHTSA vPIC; KLA
GMC; truck; NHTSA vPIC; 1GT 2GT 3GT
GMC; chassis; NHTSA vPIC; 1GD 2GD 4KD 7GZ J8D
GMC; van; NHTSA vPIC; 1GJ 2GJ
GMC; car; NHTSA vPIC; 1GK 2CT 2GK 3GK
Goldhofer; trailer; NHTSA vPIC; WG0
Grand Design; trailer; NHTSA vPIC; 573
Great Dane; trailer; NHTSA vPIC; 1GR
Great Wall; mixed; KBA list; LGW
Hako; truck; KBA list; WHW
Heartland; trailer; NHTSA vPIC; 5SF
Heil Trailer; trailer; NHTSA vPIC; 5HT
Heuliez Bus; bus; KBA list; VJ1
Hino; truck; NHTSA vPIC; 2AY 2AZ 5PV 7H4 JHA JHB JHH
Honda; truck; NHTSA vPIC; 2HJ 5FP
Honda; car; KBA list; LHG LUC LVH NLA
Honda; car; NHTSA vPIC; 19X 1HG 2HG 2HK 3CZ 3GP 3HG 4S6 5FN 5J6 5KB 7FA JHL JHM SHH SHS
Hüffermann; trailer; KBA list; WH7
Humbaur; trailer; KBA list; WHD
Hummer; car; NHTSA vPIC; 137 5GN 5GR 5GT
Hyundai; truck; NHTSA vPIC; 5NT KME KMF
Hyundai; car; KBA list; MAL NLH NLJ TMA
Hyundai; car; NHTSA vPIC; 5NM 5NP 7YA KM8 KMH
Hyundai Translead; trailer; NHTSA vPIC; 3H3
IC Bus; bus; NHTSA vPIC; 1HV 3HV 4DR 5WE
Ifor Williams; trailer; KBA list; SCK
Ikarus; bus; KBA list; TRA
INEOS; car; NHTSA vPIC; SC6 SH7
Infiniti; car; NHTSA vPIC; 3PC 5N3 JNK JNR JNX
International; truck; NHTSA vPIC; 1HS 1HT 2HS 2HT 3HA 3HC 3HS 3HT 7NA 93S
International; bus; NHTSA vPIC; 93V
Irizar; bus; NHTSA vPIC; VS9016
Isuzu; truck; KBA list; MP1 MPA
Isuzu; truck; NHTSA vPIC; 1GG 4GT 4S1 J8C JAA JAL JAM
Isuzu; chassis; NHTSA vPIC; 4KL 54D
Isuzu; car; NHTSA vPIC; 4NU 4S2 JAB JAC
Isuzu Anadolu; mixed; KBA list; NNA
Iveco; mixed; NHTSA vPIC; ZCF
Iveco; mixed; vininfo; WJM
Iveco Bus; bus; NHTSA vPIC; VNE
Iveco Bus; bus; public lists; ZGA
Iveco Defence; truck; KBA list; ZN3
Jaguar Land Rover; car; NHTSA vPIC; SAD SAJ SAL
Jayco; mixed; NHTSA vPIC; 1UJ
Jeep; truck; NHTSA vPIC; 1J7
Jeep; car; NHTSA vPIC; 1J4 1J8 1JC 2J4 ZAC
Jelcz; truck; KBA list; SUJ
Jyki; trailer; vin-go; YF9050
Kaiser Robuste; trailer; KBA list; VHR
KamAZ; truck; KBA list; XTC
Karavan; trailer; NHTSA vPIC; 5KT
Karosa; bus; KBA list; TMK
Karsan; bus; NHTSA vPIC; NLN
Kässbohrer; trailer; KBA list; WKV
Kässbohrer Transport Technik; trailer; KBA list; VAK
Kaufman; trailer; NHTSA vPIC; 7UZ
Kenworth; truck; NHTSA vPIC; 1NK 1XK 2NK 2XK 3BK 3WK
Keystone RV; trailer; NHTSA vPIC; 4YD
Kia; car; KBA list; U6Y
Kia; car; NHTSA vPIC; 3KP 5XX 5XY KNA KND U5Y
Knapen; trailer; KBA list; XPN
Kögel; trailer; KBA list; WK0
Koluman; trailer; NHTSA vPIC; NLF
Kraker; trailer; KBA list; XN1
Krone; trailer; fleet data; WKE
Lada; car; KBA list; XTA
Lamberet; trailer; fleet data; VM3
Lancia; car; KBA list; ZLA
Lancia; car; NHTSA vPIC; 2E4
Landoll; trailer; NHTSA vPIC; 1LH
Langendorf; trailer; NHTSA vPIC; WLA
LBT; trailer; NHTSA vPIC; 4J8
LDV; van; KBA list; SEY
Lecitrailer; trailer; NHTSA vPIC; VV1
LEVC; car; fleet data; SCR
Lexus; car; NHTSA vPIC; 2T2 58A JT6 JT8 JTH JTJ
Leyland; truck; KBA list; SBB SBL
Lincoln; truck; NHTSA vPIC; 5LT
Lincoln; car; NHTSA vPIC; 1L1 1LJ 1LN 2L1 2LJ 2LM 2LN 3LN 5L1 5LM
Lion Electric; bus; NHTSA vPIC; 2LB
Load Rite; trailer; NHTSA vPIC; 5A4
Lohr; trailer; NHTSA vPIC; VGY
Lotus; car; NHTSA vPIC; LJU SCC
Lozano; trailer; NHTSA vPIC; 3CX
Lucid; car; NHTSA vPIC; 50E 7UU
Mack; truck; NHTSA vPIC; 1M1 1M2 1M3 2M1 2M2
Mahindra; mixed; KBA list; MA1
MAN Truck & Bus; truck; KBA list; WVM
MAN Truck & Bus; mixed; KBA list; WMA
Manac; trailer; NHTSA vPIC; 2M5
Martz; trailer; KBA list; SXX
Maserati; car; NHTSA vPIC; ZAM ZN6
Maurer; trailer; NHTSA vPIC; 57C
Maxus; van; KBA list; LSF LSH LSK
MAZ; truck; fleet data; Y3M
Mazda; truck; NHTSA vPIC; 4F4 JM2
Mazda; car; KBA list; JM0 JM6 JM7 JMZ YCM
Mazda; car; NHTSA vPIC; 1YV 3MD 3MV 3MZ 4F2 7MM JC1 JM1 JM3
Mercedes-Benz; truck; NHTSA vPIC; 1MB W1H
Mercedes-Benz; truck; vin-go; W1T
Mercedes-Benz; bus; vin-go; NMB
Mercedes-Benz; van; NHTSA vPIC; 8BN 8BR 8BT 8BU W1W WCD
Mercedes-Benz; van; vin-go; W1V
Mercedes-Benz; van; vininfo; VSA WDF
Mercedes-Benz; mixed; KBA list; WDA WDB
Mercedes-Benz; mixed; NHTSA vPIC; W1X W1Y W1Z W2W W2X W2Y W2Z WD0 WD1 WD2 WD3 WD4 WD5 WD6 WD8 WDP WDR WDW WDX WDY
Mercedes-Benz; mixed; NHTSA vPIC; WDZ
Mercedes-Benz; mixed; vininfo; 9BM
Mercedes-Benz; car; KBA list; WMX
Mercedes-Benz; car; NHTSA vPIC; 4JG 55S W1K W1N WDC WDD
Mercury; car; NHTSA vPIC; 1ME 1ZW 2ME 2MR 3ME 4M2
Meyer; trailer; KBA list; WWC
MG; car; KBA list; LSJ SDP
MG Rover; car; KBA list; SAR
MINI; car; NHTSA vPIC; WMW WMZ
Mitsubishi; truck; NHTSA vPIC; 1Z3 1Z7 JA7
Mitsubishi; mixed; KBA list; MMC
Mitsubishi; car; KBA list; JMA JMB JMF JMY MMB XMC XNC
Mitsubishi; car; NHTSA vPIC; 4A3 4A4 4P3 6MM JA3 JA4 ML3
Mitsubishi Fuso; truck; KBA list; JL5 JLF TYA
Mitsubishi Fuso; truck; NHTSA vPIC; JL6 JL7 JLS JW6 TYB
Monon; trailer; NHTSA vPIC; 1NN
Motor Coach Industries; bus; NHTSA vPIC; 1M8 2M9058 2MG 3BM
Müller; trailer; KBA list; WMM
Närko; trailer; vin-go; YF1
Neoplan; bus; KBA list; WAG
New Flyer; bus; NHTSA vPIC; 2FY 5FY
Niewiadów; trailer; KBA list; SZR
Nikola; truck; NHTSA vPIC; 1N9393
Nissan; truck; NHTSA vPIC; 1N6 3N6 JN6
Nissan; chassis; NHTSA vPIC; JN3
Nissan; van; KBA list; VNV VSK VWA
Nissan; van; NHTSA vPIC; 5BZ
Nissan; mixed; NHTSA vPIC; SJK
Nissan; car; KBA list; MDH SJN
Nissan; car; NHTSA vPIC; 1N4 3N1 3N8 5N1 JN1 JN8 KNM
Nooteboom; trailer; KBA list; XMR
North American Bus Industries; bus; NHTSA vPIC; 1N9140
Nova Bus; bus; NHTSA vPIC; 2NV 4RK
ÖAF; truck; KBA list; VA0
Obermaier; trailer; KBA list; W0D
Opel; van; KBA list; VXE
Opel; mixed; NHTSA vPIC; W0L W0V
Opel; car; KBA list; VSX VXK W0S
Optare; bus; fleet data; SAB
Orange EV; truck; NHTSA vPIC; 1Z9530
Orion; bus; NHTSA vPIC; 1VH 2B1
Oshkosh; truck; NHTSA vPIC; 10T
Oshkosh; chassis; NHTSA vPIC; 4CD
Oshkosh; trailer; NHTSA vPIC; 4ML
Otokar; bus; KBA list; NLR
Pacton; trailer; KBA list; XLD XNT
Peterbilt; truck; NHTSA vPIC; 1NP 1XP 2NP 2XP 3BP 3WP
Peugeot; mixed; KBA list; VR3 VS8
Peugeot; mixed; NHTSA vPIC; VF3
Pezzaioli; trailer; NHTSA vPIC; ZFJ
Pierce; truck; NHTSA vPIC; 4P1
Polar Tank; trailer; NHTSA vPIC; 1PM
Polestar; car; NHTSA vPIC; 7SY LPS YSM YSR
Pontiac; car; NHTSA vPIC; 1G2 1GM 2G2 3G2 3G7 5Y2 6G2 KL2
Porsche; car; NHTSA vPIC; WP0 WP1
Prevost; bus; NHTSA vPIC; 2P9001 2PC
Proterra; bus; NHTSA vPIC; 1M9816 7JZ
Ram; truck; NHTSA vPIC; 3C6
Ram; chassis; NHTSA vPIC; 3C7
Reinke; trailer; NHTSA vPIC; 4C6
Reitnouer; trailer; NHTSA vPIC; 1RN
Renault; van; KBA list; VN1
Renault; mixed; NHTSA vPIC; VF1
Renault; car; KBA list; VS5
Renault Trucks; truck; NHTSA vPIC; VG6 VG8
Renault Trucks; truck; vininfo; VF6
Renders; trailer; KBA list; WRA
Rivian; truck; NHTSA vPIC; 7FC
Rivian; car; NHTSA vPIC; 7PD
Rolfo; trailer; KBA list; ZAH
Rosenbauer; truck; NHTSA vPIC; 54F
Saab; car; KBA list; YSC
Saab; car; NHTSA vPIC; YS3
Santana; car; KBA list; VSE
Saturn; car; NHTSA vPIC; 1G8 3GS 5GZ
Scania; truck; vin-go; XLE
Scania; truck; vininfo; VLU YS2
Scania; bus; vin-go; SZA
Scania; bus; vininfo; YS4
Scania; mixed; vininfo; 9BS
Scanvogn; trailer; KBA list; UHE
Schmitz Cargobull; trailer; fleet data; WSM
Schmitz Cargobull; trailer; vin-go; WSK
Schwarzmüller; trailer; KBA list; VAV
Schwingenschlögl; trailer; KBA list; VAX
SEAT; car; KBA list; VSS
Shacman; truck; vininfo; LZG
Sinotruk; truck; fleet data; LZZ
Škoda; car; KBA list; TMB
smart; car; NHTSA vPIC; WME
Solaris; bus; public lists; SU9PN1 SUU
Spartan; chassis; NHTSA vPIC; 4S7 4VZ
STAS; trailer; KBA list; YE6
Stellantis North America; truck; NHTSA vPIC; 1C6
Stellantis North America; car; NHTSA vPIC; 1C3 1C4 2C3 2C4 3C3 3C4
STEMA; trailer; KBA list; WSE
Sterling; truck; NHTSA vPIC; 2FW 2FZ 3F6 480 49H
Stoughton; trailer; NHTSA vPIC; 1DW
StreetScooter; van; KBA list; WS5
Strick; trailer; NHTSA vPIC; 1S1
Subaru; car; NHTSA vPIC; 4S3 4S4 JF1 JF2 JF3
Suzuki; truck; NHTSA vPIC; 5Z6
Suzuki; car; KBA list; MA3 MBH MMS TSM
Suzuki; car; NHTSA vPIC; 2S2 2S3 JS2 JS3 KL5
System Trailers; trailer; KBA list; WSJ
Tata; mixed; KBA list; MAT
Tatra; truck; KBA list; TNT TNU
Tatra; truck; vininfo; TMT
Temared; trailer; KBA list; SWH
Temsa; bus; NHTSA vPIC; NLT
Terberg; truck; NHTSA vPIC; XLW
Tesla; truck; NHTSA vPIC; 7G2
Tesla; car; NHTSA vPIC; 5YJ 7SA LRW SFZ XP7
Thomas Built Buses; bus; NHTSA vPIC; 1T7 1T8
Timpte; trailer; NHTSA vPIC; 1TD
TMC; bus; NHTSA vPIC; 1TU
Toyota; truck; NHTSA vPIC; 3TM 3TY 4TA 5TB 5TE 5TF JT4
Toyota; van; KBA list; YAR
Toyota; mixed; KBA list; MR0 TW1
Toyota; mixed; fleet data; AHT
Toyota; car; NHTSA vPIC; 1NX 2T1 2T3 3MY 4T1 4T3 4T4 5TD 5YF 7MU 7SV JT2 JT3 JT5 JTD JTE JTK JTL JTM JTN NMT SB1 VNK
Trail King; trailer; NHTSA vPIC; 1TK
Trailmobile; trailer; NHTSA vPIC; 1PT
Trailor; trailer; KBA list; VFN
Transcraft; trailer; NHTSA vPIC; 1TT
UAZ; mixed; KBA list; XTT
UD Trucks; truck; NHTSA vPIC; JNA JNE
Utility Trailer; trailer; NHTSA vPIC; 1UY
Van Hool; bus; NHTSA vPIC; U1V YE2
Van Hool; trailer; KBA list; YE1
Vanguard National Trailer; trailer; NHTSA vPIC; 5V8
Vauxhall; mixed; KBA list; SED SKA SKF
VDL Bus & Coach; bus; KBA list; YB6
VDL Bus & Coach; bus; public lists; XMG XNL
Vezeko; trailer; KBA list; TJ5
VinFast; car; NHTSA vPIC; RLL
Viseon; bus; KBA list; WVP
Volkswagen; car; KBA list; XW8
Volkswagen; car; NHTSA vPIC; 1V2 1VW 2V4 3VV 3VW 9BW WVG WVW
Volkswagen; car; public lists; LFV LSV
Volkswagen Commercial Vehicles; van; KBA list; WV4 WV5
Volkswagen Commercial Vehicles; van; vininfo; WV1 WV2
Volkswagen Commercial Vehicles; mixed; NHTSA vPIC; WV3
Volta Trucks; truck; KBA list; YSP
Volvo Buses; bus; KBA list; YB2
Volvo Buses; bus; NHTSA vPIC; 3CE
Volvo Buses; bus; vininfo; YV3
Volvo Cars; car; KBA list; XLB
Volvo Cars; car; NHTSA vPIC; 7JD 7JR LVY LYV YV1 YV4
Volvo Trucks; truck; KBA list; SCV YV5
Volvo Trucks; truck; NHTSA vPIC; 4V1 4V2 4V3 4V4 4V5 4V6 4VA 4VE 4VG 4VH 4VM 9BV YB1 YB3
Volvo Trucks; truck; vininfo; YV2
Wabash; trailer; NHTSA vPIC; 1JJ
Wackenhut; trailer; KBA list; WWA
Western Star; truck; NHTSA vPIC; 2WK 2WL 2WM 3BJ 5KJ 5KK
Wielton; trailer; fleet data; SUD
Wilson Trailer; trailer; NHTSA vPIC; 4WW
Winnebago; mixed; NHTSA vPIC; 1WV 1WW 54C
Workhorse; chassis; NHTSA vPIC; 5B4
Wrightbus; bus; NHTSA vPIC; SA9141
Xos; chassis; NHTSA vPIC; 4T9208
Yaxing; bus; KBA list; LJS
Yutong; bus; vininfo; LZY
Zasław; trailer; KBA list; SVH
Ziegler; truck; KBA list; W09Z06
Zorzi; trailer; KBA list; ZAX
Zremb; trailer; KBA list; SWZ
"""
