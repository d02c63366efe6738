//> duplicate-keys.php:16:13: error M006: 'suser' stands here twice
//>    16 |             'suser' => '$username',
//>       |             ^^^^^^^
//> duplicate-keys.php:18:9: error M006: 'severity' stands here twice
//>    18 |         'severity' => 5,
//>       |         ^^^^^^^^^^
$mappings[] = [
    'id' => 'login',
    'map' => [
        'eventClass' => 'Auth',
        'eventName' => '$operation',
        'severity' => 2,
        'extension' => [
            'suser' => '$userName',
            'src' => '$ip',
            'suser' => '$username',
        ],
        'severity' => 5,
    ]
];
