#include "mapping/country.h"

#include "mapping/ascii.h"

struct country {
    const char *key;
    const char *code;
};

/* ISO 3166-1 alpha-2 and alpha-3, in order; with UK and EL, which the European Union writes for GB
 * and GR, and XK for Kosovo, which ISO leaves to its users. */
/* clang-format off */
static const struct country codes[] = {
    {"AD", "AND"}, {"AE", "ARE"}, {"AF", "AFG"}, {"AG", "ATG"}, {"AI", "AIA"}, {"AL", "ALB"},
    {"AM", "ARM"}, {"AO", "AGO"}, {"AQ", "ATA"}, {"AR", "ARG"}, {"AS", "ASM"}, {"AT", "AUT"},
    {"AU", "AUS"}, {"AW", "ABW"}, {"AX", "ALA"}, {"AZ", "AZE"}, {"BA", "BIH"}, {"BB", "BRB"},
    {"BD", "BGD"}, {"BE", "BEL"}, {"BF", "BFA"}, {"BG", "BGR"}, {"BH", "BHR"}, {"BI", "BDI"},
    {"BJ", "BEN"}, {"BL", "BLM"}, {"BM", "BMU"}, {"BN", "BRN"}, {"BO", "BOL"}, {"BQ", "BES"},
    {"BR", "BRA"}, {"BS", "BHS"}, {"BT", "BTN"}, {"BV", "BVT"}, {"BW", "BWA"}, {"BY", "BLR"},
    {"BZ", "BLZ"}, {"CA", "CAN"}, {"CC", "CCK"}, {"CD", "COD"}, {"CF", "CAF"}, {"CG", "COG"},
    {"CH", "CHE"}, {"CI", "CIV"}, {"CK", "COK"}, {"CL", "CHL"}, {"CM", "CMR"}, {"CN", "CHN"},
    {"CO", "COL"}, {"CR", "CRI"}, {"CU", "CUB"}, {"CV", "CPV"}, {"CW", "CUW"}, {"CX", "CXR"},
    {"CY", "CYP"}, {"CZ", "CZE"}, {"DE", "DEU"}, {"DJ", "DJI"}, {"DK", "DNK"}, {"DM", "DMA"},
    {"DO", "DOM"}, {"DZ", "DZA"}, {"EC", "ECU"}, {"EE", "EST"}, {"EG", "EGY"}, {"EH", "ESH"},
    {"EL", "GRC"}, {"ER", "ERI"}, {"ES", "ESP"}, {"ET", "ETH"}, {"FI", "FIN"}, {"FJ", "FJI"},
    {"FK", "FLK"}, {"FM", "FSM"}, {"FO", "FRO"}, {"FR", "FRA"}, {"GA", "GAB"}, {"GB", "GBR"},
    {"GD", "GRD"}, {"GE", "GEO"}, {"GF", "GUF"}, {"GG", "GGY"}, {"GH", "GHA"}, {"GI", "GIB"},
    {"GL", "GRL"}, {"GM", "GMB"}, {"GN", "GIN"}, {"GP", "GLP"}, {"GQ", "GNQ"}, {"GR", "GRC"},
    {"GS", "SGS"}, {"GT", "GTM"}, {"GU", "GUM"}, {"GW", "GNB"}, {"GY", "GUY"}, {"HK", "HKG"},
    {"HM", "HMD"}, {"HN", "HND"}, {"HR", "HRV"}, {"HT", "HTI"}, {"HU", "HUN"}, {"ID", "IDN"},
    {"IE", "IRL"}, {"IL", "ISR"}, {"IM", "IMN"}, {"IN", "IND"}, {"IO", "IOT"}, {"IQ", "IRQ"},
    {"IR", "IRN"}, {"IS", "ISL"}, {"IT", "ITA"}, {"JE", "JEY"}, {"JM", "JAM"}, {"JO", "JOR"},
    {"JP", "JPN"}, {"KE", "KEN"}, {"KG", "KGZ"}, {"KH", "KHM"}, {"KI", "KIR"}, {"KM", "COM"},
    {"KN", "KNA"}, {"KP", "PRK"}, {"KR", "KOR"}, {"KW", "KWT"}, {"KY", "CYM"}, {"KZ", "KAZ"},
    {"LA", "LAO"}, {"LB", "LBN"}, {"LC", "LCA"}, {"LI", "LIE"}, {"LK", "LKA"}, {"LR", "LBR"},
    {"LS", "LSO"}, {"LT", "LTU"}, {"LU", "LUX"}, {"LV", "LVA"}, {"LY", "LBY"}, {"MA", "MAR"},
    {"MC", "MCO"}, {"MD", "MDA"}, {"ME", "MNE"}, {"MF", "MAF"}, {"MG", "MDG"}, {"MH", "MHL"},
    {"MK", "MKD"}, {"ML", "MLI"}, {"MM", "MMR"}, {"MN", "MNG"}, {"MO", "MAC"}, {"MP", "MNP"},
    {"MQ", "MTQ"}, {"MR", "MRT"}, {"MS", "MSR"}, {"MT", "MLT"}, {"MU", "MUS"}, {"MV", "MDV"},
    {"MW", "MWI"}, {"MX", "MEX"}, {"MY", "MYS"}, {"MZ", "MOZ"}, {"NA", "NAM"}, {"NC", "NCL"},
    {"NE", "NER"}, {"NF", "NFK"}, {"NG", "NGA"}, {"NI", "NIC"}, {"NL", "NLD"}, {"NO", "NOR"},
    {"NP", "NPL"}, {"NR", "NRU"}, {"NU", "NIU"}, {"NZ", "NZL"}, {"OM", "OMN"}, {"PA", "PAN"},
    {"PE", "PER"}, {"PF", "PYF"}, {"PG", "PNG"}, {"PH", "PHL"}, {"PK", "PAK"}, {"PL", "POL"},
    {"PM", "SPM"}, {"PN", "PCN"}, {"PR", "PRI"}, {"PS", "PSE"}, {"PT", "PRT"}, {"PW", "PLW"},
    {"PY", "PRY"}, {"QA", "QAT"}, {"RE", "REU"}, {"RO", "ROU"}, {"RS", "SRB"}, {"RU", "RUS"},
    {"RW", "RWA"}, {"SA", "SAU"}, {"SB", "SLB"}, {"SC", "SYC"}, {"SD", "SDN"}, {"SE", "SWE"},
    {"SG", "SGP"}, {"SH", "SHN"}, {"SI", "SVN"}, {"SJ", "SJM"}, {"SK", "SVK"}, {"SL", "SLE"},
    {"SM", "SMR"}, {"SN", "SEN"}, {"SO", "SOM"}, {"SR", "SUR"}, {"SS", "SSD"}, {"ST", "STP"},
    {"SV", "SLV"}, {"SX", "SXM"}, {"SY", "SYR"}, {"SZ", "SWZ"}, {"TC", "TCA"}, {"TD", "TCD"},
    {"TF", "ATF"}, {"TG", "TGO"}, {"TH", "THA"}, {"TJ", "TJK"}, {"TK", "TKL"}, {"TL", "TLS"},
    {"TM", "TKM"}, {"TN", "TUN"}, {"TO", "TON"}, {"TR", "TUR"}, {"TT", "TTO"}, {"TV", "TUV"},
    {"TW", "TWN"}, {"TZ", "TZA"}, {"UA", "UKR"}, {"UG", "UGA"}, {"UK", "GBR"}, {"UM", "UMI"},
    {"US", "USA"}, {"UY", "URY"}, {"UZ", "UZB"}, {"VA", "VAT"}, {"VC", "VCT"}, {"VE", "VEN"},
    {"VG", "VGB"}, {"VI", "VIR"}, {"VN", "VNM"}, {"VU", "VUT"}, {"WF", "WLF"}, {"WS", "WSM"},
    {"XK", "XKX"}, {"YE", "YEM"}, {"YT", "MYT"}, {"ZA", "ZAF"}, {"ZM", "ZMB"}, {"ZW", "ZWE"},
};

/* ISO's short names, and names that people use, reduced to their letters as name_key() does, in
 * order. */
static const struct country names[] = {
    {"afghanistan", "AFG"}, {"aland", "ALA"}, {"alandislands", "ALA"}, {"albania", "ALB"},
    {"algeria", "DZA"}, {"america", "USA"}, {"americansamoa", "ASM"}, {"andorra", "AND"},
    {"angola", "AGO"}, {"anguilla", "AIA"}, {"antarctica", "ATA"}, {"antiguaandbarbuda", "ATG"},
    {"argentina", "ARG"}, {"armenia", "ARM"}, {"aruba", "ABW"}, {"australia", "AUS"},
    {"austria", "AUT"}, {"azerbaijan", "AZE"}, {"bahamas", "BHS"}, {"bahrain", "BHR"},
    {"bangladesh", "BGD"}, {"barbados", "BRB"}, {"belarus", "BLR"}, {"belgie", "BEL"},
    {"belgique", "BEL"}, {"belgium", "BEL"}, {"belize", "BLZ"}, {"benin", "BEN"},
    {"bermuda", "BMU"}, {"bhutan", "BTN"}, {"bolivarianrepublicofvenezuela", "VEN"},
    {"bolivia", "BOL"}, {"boliviaplurinationalstateof", "BOL"}, {"bonaire", "BES"},
    {"bonairesinteustatiusandsaba", "BES"}, {"bosnia", "BIH"}, {"bosniaandherzegovina", "BIH"},
    {"botswana", "BWA"}, {"bouvetisland", "BVT"}, {"brasil", "BRA"}, {"brazil", "BRA"},
    {"britishindianoceanterritory", "IOT"}, {"britishvirginislands", "VGB"}, {"brunei", "BRN"},
    {"bruneidarussalam", "BRN"}, {"bulgaria", "BGR"}, {"burkinafaso", "BFA"}, {"burma", "MMR"},
    {"burundi", "BDI"}, {"caboverde", "CPV"}, {"cambodia", "KHM"}, {"cameroon", "CMR"},
    {"canada", "CAN"}, {"capeverde", "CPV"}, {"caribbeannetherlands", "BES"},
    {"caymanislands", "CYM"}, {"centralafricanrepublic", "CAF"}, {"chad", "TCD"}, {"chile", "CHL"},
    {"china", "CHN"}, {"christmasisland", "CXR"}, {"cocosislands", "CCK"},
    {"cocoskeelingislands", "CCK"}, {"colombia", "COL"}, {"comoros", "COM"}, {"congo", "COG"},
    {"congobrazzaville", "COG"}, {"congodemocraticrepublicofthe", "COD"}, {"congokinshasa", "COD"},
    {"congothedemocraticrepublicofthe", "COD"}, {"cookislands", "COK"}, {"costarica", "CRI"},
    {"cotedivoire", "CIV"}, {"croatia", "HRV"}, {"cuba", "CUB"}, {"curacao", "CUW"},
    {"cyprus", "CYP"}, {"czechia", "CZE"}, {"czechrepublic", "CZE"}, {"danmark", "DNK"},
    {"democraticpeoplesrepublicofkorea", "PRK"}, {"democraticrepublicofthecongo", "COD"},
    {"denmark", "DNK"}, {"deutschland", "DEU"}, {"djibouti", "DJI"}, {"dominica", "DMA"},
    {"dominicanrepublic", "DOM"}, {"drcongo", "COD"}, {"easttimor", "TLS"}, {"ecuador", "ECU"},
    {"egypt", "EGY"}, {"elsalvador", "SLV"}, {"emirates", "ARE"}, {"england", "GBR"},
    {"equatorialguinea", "GNQ"}, {"eritrea", "ERI"}, {"espana", "ESP"}, {"estonia", "EST"},
    {"eswatini", "SWZ"}, {"ethiopia", "ETH"}, {"falklandislands", "FLK"},
    {"falklandislandsmalvinas", "FLK"}, {"faroeislands", "FRO"},
    {"federalrepublicofgermany", "DEU"}, {"federatedstatesofmicronesia", "FSM"}, {"fiji", "FJI"},
    {"finland", "FIN"}, {"france", "FRA"}, {"frenchguiana", "GUF"}, {"frenchpolynesia", "PYF"},
    {"frenchsouthernterritories", "ATF"}, {"gabon", "GAB"}, {"gambia", "GMB"}, {"georgia", "GEO"},
    {"germany", "DEU"}, {"ghana", "GHA"}, {"gibraltar", "GIB"}, {"greatbritain", "GBR"},
    {"greece", "GRC"}, {"greenland", "GRL"}, {"grenada", "GRD"}, {"guadeloupe", "GLP"},
    {"guam", "GUM"}, {"guatemala", "GTM"}, {"guernsey", "GGY"}, {"guinea", "GIN"},
    {"guineabissau", "GNB"}, {"guyana", "GUY"}, {"haiti", "HTI"},
    {"heardislandandmcdonaldislands", "HMD"}, {"holland", "NLD"}, {"holysee", "VAT"},
    {"holyseevaticancitystate", "VAT"}, {"honduras", "HND"}, {"hongkong", "HKG"},
    {"hongkongsar", "HKG"}, {"hrvatska", "HRV"}, {"hungary", "HUN"}, {"iceland", "ISL"},
    {"india", "IND"}, {"indonesia", "IDN"}, {"iran", "IRN"}, {"iranislamicrepublicof", "IRN"},
    {"iraq", "IRQ"}, {"ireland", "IRL"}, {"islamicrepublicofiran", "IRN"}, {"isleofman", "IMN"},
    {"israel", "ISR"}, {"italia", "ITA"}, {"italy", "ITA"}, {"ivorycoast", "CIV"},
    {"jamaica", "JAM"}, {"japan", "JPN"}, {"jersey", "JEY"}, {"jordan", "JOR"},
    {"kazakhstan", "KAZ"}, {"keelingislands", "CCK"}, {"kenya", "KEN"},
    {"kingdomofthenetherlands", "NLD"}, {"kiribati", "KIR"}, {"korea", "KOR"},
    {"koreademocraticpeoplesrepublicof", "PRK"}, {"korearepublicof", "KOR"}, {"kosovo", "XKX"},
    {"kuwait", "KWT"}, {"kyrgyzstan", "KGZ"}, {"laopeoplesdemocraticrepublic", "LAO"},
    {"laos", "LAO"}, {"latvia", "LVA"}, {"lebanon", "LBN"}, {"lesotho", "LSO"}, {"liberia", "LBR"},
    {"libya", "LBY"}, {"liechtenstein", "LIE"}, {"lithuania", "LTU"}, {"luxembourg", "LUX"},
    {"macao", "MAC"}, {"macau", "MAC"}, {"macedonia", "MKD"}, {"madagascar", "MDG"},
    {"magyarorszag", "HUN"}, {"malawi", "MWI"}, {"malaysia", "MYS"}, {"maldives", "MDV"},
    {"mali", "MLI"}, {"malta", "MLT"}, {"marshallislands", "MHL"}, {"martinique", "MTQ"},
    {"mauritania", "MRT"}, {"mauritius", "MUS"}, {"mayotte", "MYT"}, {"mexico", "MEX"},
    {"micronesia", "FSM"}, {"micronesiafederatedstatesof", "FSM"}, {"moldova", "MDA"},
    {"moldovarepublicof", "MDA"}, {"monaco", "MCO"}, {"mongolia", "MNG"}, {"montenegro", "MNE"},
    {"montserrat", "MSR"}, {"morocco", "MAR"}, {"mozambique", "MOZ"}, {"myanmar", "MMR"},
    {"namibia", "NAM"}, {"nauru", "NRU"}, {"nederland", "NLD"}, {"nepal", "NPL"},
    {"netherlands", "NLD"}, {"netherlandskingdomofthe", "NLD"}, {"newcaledonia", "NCL"},
    {"newzealand", "NZL"}, {"nicaragua", "NIC"}, {"niger", "NER"}, {"nigeria", "NGA"},
    {"niue", "NIU"}, {"norfolkisland", "NFK"}, {"norge", "NOR"}, {"northernireland", "GBR"},
    {"northernmarianaislands", "MNP"}, {"northkorea", "PRK"}, {"northmacedonia", "MKD"},
    {"norway", "NOR"}, {"oman", "OMN"}, {"osterreich", "AUT"}, {"pakistan", "PAK"},
    {"palau", "PLW"}, {"palestine", "PSE"}, {"palestinestateof", "PSE"}, {"panama", "PAN"},
    {"papuanewguinea", "PNG"}, {"paraguay", "PRY"}, {"peoplesrepublicofchina", "CHN"},
    {"peru", "PER"}, {"philippines", "PHL"}, {"pitcairn", "PCN"}, {"pitcairnislands", "PCN"},
    {"plurinationalstateofbolivia", "BOL"}, {"poland", "POL"}, {"polska", "POL"},
    {"portugal", "PRT"}, {"prchina", "CHN"}, {"puertorico", "PRI"}, {"qatar", "QAT"},
    {"republicofireland", "IRL"}, {"republicofkorea", "KOR"}, {"republicofmoldova", "MDA"},
    {"republicofthecongo", "COG"}, {"reunion", "REU"}, {"romania", "ROU"}, {"russia", "RUS"},
    {"russianfederation", "RUS"}, {"rwanda", "RWA"}, {"saintbarthelemy", "BLM"},
    {"sainthelena", "SHN"}, {"sainthelenaascensionandtristandacunha", "SHN"},
    {"saintkittsandnevis", "KNA"}, {"saintlucia", "LCA"}, {"saintmartin", "MAF"},
    {"saintmartinfrenchpart", "MAF"}, {"saintpierreandmiquelon", "SPM"},
    {"saintvincentandthegrenadines", "VCT"}, {"samoa", "WSM"}, {"sanmarino", "SMR"},
    {"saotomeandprincipe", "STP"}, {"saudiarabia", "SAU"}, {"schweiz", "CHE"}, {"scotland", "GBR"},
    {"senegal", "SEN"}, {"serbia", "SRB"}, {"seychelles", "SYC"}, {"sierraleone", "SLE"},
    {"singapore", "SGP"}, {"sintmaarten", "SXM"}, {"sintmaartendutchpart", "SXM"},
    {"slovakia", "SVK"}, {"slovakrepublic", "SVK"}, {"slovenia", "SVN"}, {"solomonislands", "SLB"},
    {"somalia", "SOM"}, {"southafrica", "ZAF"}, {"southgeorgiaandthesouthsandwichislands", "SGS"},
    {"southkorea", "KOR"}, {"southsudan", "SSD"}, {"spain", "ESP"}, {"srilanka", "LKA"},
    {"stateofpalestine", "PSE"}, {"sudan", "SDN"}, {"suisse", "CHE"}, {"suomi", "FIN"},
    {"suriname", "SUR"}, {"svalbardandjanmayen", "SJM"}, {"sverige", "SWE"}, {"svizzera", "CHE"},
    {"swaziland", "SWZ"}, {"sweden", "SWE"}, {"switzerland", "CHE"}, {"syria", "SYR"},
    {"syrianarabrepublic", "SYR"}, {"taiwan", "TWN"}, {"taiwanprovinceofchina", "TWN"},
    {"tajikistan", "TJK"}, {"tanzania", "TZA"}, {"tanzaniaunitedrepublicof", "TZA"},
    {"thailand", "THA"}, {"timorleste", "TLS"}, {"togo", "TGO"}, {"tokelau", "TKL"},
    {"tonga", "TON"}, {"trinidadandtobago", "TTO"}, {"tunisia", "TUN"}, {"turkey", "TUR"},
    {"turkiye", "TUR"}, {"turkmenistan", "TKM"}, {"turksandcaicosislands", "TCA"},
    {"tuvalu", "TUV"}, {"uae", "ARE"}, {"uganda", "UGA"}, {"ukraine", "UKR"},
    {"unitedarabemirates", "ARE"}, {"unitedkingdom", "GBR"},
    {"unitedkingdomofgreatbritainandnorthernireland", "GBR"}, {"unitedrepublicoftanzania", "TZA"},
    {"unitedstates", "USA"}, {"unitedstatesminoroutlyingislands", "UMI"},
    {"unitedstatesofamerica", "USA"}, {"unitedstatesvirginislands", "VIR"}, {"uruguay", "URY"},
    {"usvirginislands", "VIR"}, {"uzbekistan", "UZB"}, {"vanuatu", "VUT"}, {"vatican", "VAT"},
    {"vaticancity", "VAT"}, {"venezuela", "VEN"}, {"venezuelabolivarianrepublicof", "VEN"},
    {"vietnam", "VNM"}, {"virginislandsbritish", "VGB"}, {"virginislandsus", "VIR"},
    {"wales", "GBR"}, {"wallisandfutuna", "WLF"}, {"westernsahara", "ESH"}, {"yemen", "YEM"},
    {"zambia", "ZMB"}, {"zimbabwe", "ZWE"},
};
/* clang-format on */

static const char *
find(const struct country *rows, size_t count, struct slice key)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(slice_of(rows[middle].key), key);

        if (order == 0)
            return rows[middle].code;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum { NAME_BYTES_MOST = 80 };

/* The ASCII letters of a name, small, without a leading "the"; its length, 0: it is no name. */
static size_t
name_key(struct slice name, char key[NAME_BYTES_MOST])
{
    size_t used = 0;

    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (c < 'a' || c > 'z')
            continue;
        if (used == NAME_BYTES_MOST)
            return 0;
        key[used++] = c;
    }
    if (used > 3 && memcmp(key, "the", 3) == 0) {
        used -= 3;
        memmove(key, key + 3, used);
    }
    return used;
}

struct slice
country_code(struct arena *arena, struct slice text)
{
    char key[NAME_BYTES_MOST], upper[3];
    size_t length = name_key(ascii_of(arena, text), key);
    const char *code;

    for (size_t i = 0; i < length && i < sizeof upper; i++)
        upper[i] = (char)(key[i] - ('a' - 'A'));
    if (length == 2)
        code = find(codes, sizeof codes / sizeof codes[0], (struct slice){upper, 2});
    else
        code = find(names, sizeof names / sizeof names[0], (struct slice){key, length});
    if (!code && length == 3)
        return (struct slice){arena_copy(arena, upper, 3), 3};
    return slice_of(code);
}
