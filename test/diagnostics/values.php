//> values.php:25:25: error M010: '$request..op' is not a path: a key is missing
//>    25 |         'eventClass' => '$request..op',
//>       |                         ^^^^^^^^^^^^^^ write $key.key, $list.0 or $key['odd key']
//> values.php:26:55: error M011: there is no function 'getSysAlertServerity'
//>    26 |         'eventName' => [[SiemConversionHelper::class, 'getSysAlertServerity'], ['$level']],
//>       |                                                       ^^^^^^^^^^^^^^^^^^^^^^ did you mean 'getSysAlertSeverity'?
//> values.php:27:23: error M013: severity must be 0-10, or one of Unknown, Low, Medium, High, Very-High; got '11'
//>    27 |         'severity' => 11,
//>       |                       ^^
//> values.php:29:22: warning M025: 'src' is an IP address, not 'localhost'
//>    29 |             'src' => 'localhost',
//>       |                      ^^^^^^^^^^^
//> values.php:30:13: warning M024: 'cs1' has no label
//>    30 |             'cs1' => '$metadata',
//>       |             ^^^^^ add cs1Label: what it holds
//> values.php:31:13: warning M023: 'requestClientAplication' is no CEF key
//>    31 |             'requestClientAplication' => '$userAgent'
//>       |             ^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean 'requestClientApplication'?
//> values.php:36:13: warning M022: this can never match: line 23 takes 'INFECTED_FILE' first
//>    36 |     'id' => SiemArea::INFECTED_FILE,
//>       |             ^^^^^^^^^^^^^^^^^^^^^^^ put it before that one, or give that one a prefilter
$mappings[] = [
    'id' => '*',
    'map' => [
        'eventClass' => '$request..op',
        'eventName' => [[SiemConversionHelper::class, 'getSysAlertServerity'], ['$level']],
        'severity' => 11,
        'extension' => [
            'src' => 'localhost',
            'cs1' => '$metadata',
            'requestClientAplication' => '$userAgent'
        ]
    ]
];
$mappings[] = [
    'id' => SiemArea::INFECTED_FILE,
    'map' => ['eventClass' => 'Virus', 'eventName' => '$description', 'severity' => 8]
];
