/** Passwords of at least eight characters that head the public lists of leaked ones; in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword pa$$word 12345678 123456789 1234567890 12345678910
  0123456789 987654321 9876543210 87654321 11111111 111111111 00000000 88888888 12341234 11223344 112233445566 123123123 123123123123
  123321123 12344321 147258369 159753456 741852963 789456123 963852741 31415926 22222222 33333333 44444444 55555555 66666666 77777777 99999999
  qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc qazwsxedc
  qazwsxedcrfv zaq12wsx zaq1zaq1 asdfghjk asdfghjkl asdf1234 asdfasdf zxcvbnm1 zxcvbnm123 q1w2e3r4 q1w2e3r4t5 a1b2c3d4 a1234567 a12345678 abc12345
  abcd1234 abcdefgh abcdefg1 aa123456 aa12345678 iloveyou iloveyou1 iloveyou2 ilovegod sunshine sunshine1 princess princess1 football football1
  baseball baseball1 superman superman1 batman123 starwars starwars1 pokemon1 trustno1 whatever welcome1 welcome123 welcome2024 welcome2025 letmein1
  letmein123 dragon123 monkey123 master123 shadow123 michael1 jennifer jordan23 computer internet samsung1 liverpool chelsea1 arsenal1 barcelona
  corvette mercedes chocolate cheese123 freedom1 charlie1 changeme changeme1 changeme123 default1 admin123 admin1234 administrator root1234 test1234
  testtest testing1 secret123 access14 killer123 hello123 hello1234 helloworld google123 facebook linkedin snowball maverick midnight mustang1
  purple123 butterfly elephant scooter1 slipknot steelers victoria christian danielle elizabeth alexander alexandra benjamin jonathan nicholas
  patricia rebecca1 samantha stephanie spiderman metallica blink182 lovelove babygirl1 fuckyou1 fuckyou2 asshole1 bullshit pussycat jesus123
  jesuschrist december november september qwer1234 q2w3e4r5 zxcv1234 poiuytrewq mnbvcxz1 summer2024 summer2025 winter2024 winter2025 spring2024`
    .split(/\s+/)
    .filter((word) => word.length > 0),
);
