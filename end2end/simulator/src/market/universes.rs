//! The smaller universes.

pub(super) const NASDAQ100: &[&str] = &[
    "AAPL", "ABNB", "ADBE", "ADI", "ADP", "ADSK", "AEP", "AMAT", "AMD", "AMGN", "AMZN", "ANSS",
    "APP", "ARM", "ASML", "AVGO", "AXON", "AZN", "BIIB", "BKNG", "BKR", "CCEP", "CDNS", "CDW",
    "CEG", "CHTR", "CMCSA", "COST", "CPRT", "CRWD", "CSCO", "CSGP", "CSX", "CTAS", "CTSH", "DASH",
    "DDOG", "DXCM", "EA", "EXC", "FANG", "FAST", "FTNT", "GEHC", "GFS", "GILD", "GOOG", "GOOGL",
    "HON", "IDXX", "INTC", "INTU", "ISRG", "KDP", "KHC", "KLAC", "LIN", "LRCX", "LULU", "MAR",
    "MCHP", "MDLZ", "MELI", "META", "MNST", "MRVL", "MSFT", "MSTR", "MU", "NFLX", "NVDA", "NXPI",
    "ODFL", "ON", "ORLY", "PANW", "PAYX", "PCAR", "PDD", "PEP", "PLTR", "PYPL", "QCOM", "REGN",
    "ROP", "ROST", "SBUX", "SHOP", "SNPS", "TEAM", "TMUS", "TSLA", "TTD", "TTWO", "TXN", "VRSK",
    "VRTX", "WBD", "WDAY", "XEL", "ZS",
];

pub(super) const DOW30: &[&str] = &[
    "AAPL", "AMGN", "AMZN", "AXP", "BA", "CAT", "CRM", "CSCO", "CVX", "DIS", "GS", "HD", "HON",
    "IBM", "JNJ", "JPM", "KO", "MCD", "MMM", "MRK", "MSFT", "NKE", "NVDA", "PG", "SHW", "TRV",
    "UNH", "V", "VZ", "WMT",
];

/// A small part of the Russell 2000.
pub(super) const RUSSELL: &[&str] = &[
    "AIT", "ALTR", "ANF", "ATI", "BCPC", "BECN", "BOOT", "BPMC", "CALX", "CARG", "CNX", "CRS",
    "CVLT", "DORM", "ENSG", "EXLS", "FIX", "FLR", "FN", "FSS", "GBCI", "GKOS", "GTLS", "HALO",
    "HOMB", "HQY", "IBP", "INSM", "ITCI", "JXN", "KRYS", "KTB", "LNTH", "MLI", "MMSI", "MOD",
    "MTSI", "NOVT", "ONTO", "PCVX", "PIPR", "POWL", "QLYS", "RHP", "RMBS", "SFM", "SIG", "SM",
    "SPSC", "SSB", "STRL", "TENB", "TMHC", "UBSI", "UFPI", "UMBF", "VLY", "VRNS", "WTS", "YELP",
];

pub(super) const ETFS: &[&str] = &[
    "SPY", "QQQ", "IWM", "DIA", "VTI", "VOO", "XLF", "XLK", "XLE", "XLV", "XLI", "XLP", "XLY",
    "XLU", "XLB", "XLRE", "XLC", "GLD", "SLV", "TLT",
];
