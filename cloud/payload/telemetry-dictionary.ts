/** The text of docs/telemetry-zd1.zdict, the preset dictionary of `telemetry/zd1`. */
export const TELEMETRY_DICTIONARY = new TextEncoder().encode(
  '{"epoch":"","seq":,"time":[18,60,60,60,60],"pm1":[46,1,-1,1,-1,0,0,1,-1],"pm2_5":[60,-1,0,1,-2,-1,1,0,-1],"pm4":[61,2,-1,0,1,0,-1,-1,0],"pm10":[62,0,1,-1,2,1,-1,1,-1],"co2":[612,-2,3,1,-4,-5,6,-1,-1],"temperature":[2137,2,-1,1,0,0,-1,-1,0],"humidity":[4706,-7,-8,-3,-7],"voc":[100,1,-1,0,2,-1,-3,-1,-2],"nox":[1,0,0,0,0]}',
);
