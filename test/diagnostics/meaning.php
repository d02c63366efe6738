//> meaning.php:9:5: error M004: 'map' has no 'eventClass'
//>     9 |     'map' => [
//>       |     ^^^^^
//> meaning.php:10:9: error M003: unknown key 'eventClas'
//>    10 |         'eventClas' => 'Auth',
//>       |         ^^^^^^^^^^^ did you mean 'eventClass'?
$mappings[] = [
    'id' => '*',
    'map' => [
        'eventClas' => 'Auth',
        'eventName' => '$operation',
        'severity' => 11,
    ]
];
